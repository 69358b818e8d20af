#!/bin/sh
# Makes a source: a group that may publish one topic filter, and its first login.
#
# ./dynsec-source.sh ploughs 'misto/v1/raw/ploughs/+' PASSWORD -u admin -P …
# A second tracker of the same source: createClient, then addGroupClient ploughs.
set -eu

source=$1 topic=$2 password=$3
shift 3
OPTIONS="$*"
dynsec() { mosquitto_ctrl $OPTIONS dynsec "$@"; }

dynsec createRole "source-$source"
dynsec addRoleACL "source-$source" publishClientSend "$topic" allow
dynsec createGroup "$source"
dynsec addGroupRole "$source" "source-$source"
dynsec createClient "$source" -p "$password"
dynsec addGroupClient "$source" "$source"
