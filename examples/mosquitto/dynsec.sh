#!/bin/sh
# Makes Misto's roles, groups and logins in a running Mosquitto with mosquitto-dynsec.conf.
# Before its first start: mosquitto_ctrl dynsec init /var/lib/mosquitto/dynamic-security.json admin
#
# MISTO_INGEST_PASSWORD=… MISTO_RULES_PASSWORD=… MISTO_WEB_PASSWORD=… ./dynsec.sh -u admin -P …
# (the arguments go to mosquitto_ctrl: -h and -p where the broker is not 127.0.0.1:1883)
set -eu

dynsec() { mosquitto_ctrl $OPTIONS dynsec "$@"; }
OPTIONS="$*"

# Publishing and subscribing are denied where no role allows them (the plugin's default:
# mosquitto_ctrl … dynsec getDefaultACLAccess publishClientSend). Receiving is not, and
# follows from subscribing.
dynsec createRole misto-ingest
for topic in '/hfp/v2/#' 'owntracks/#' 'misto/v1/raw/#' 'v3/+/devices/+/up' 'v1.1/+/Observations'; do
  dynsec addRoleACL misto-ingest publishClientReceive "$topic" allow
  dynsec addRoleACL misto-ingest subscribePattern "$topic" allow
done
# One of several that share the work: $share/misto/<filter>.
dynsec addRoleACL misto-ingest subscribePattern '$share/misto/#' allow
dynsec addRoleACL misto-ingest publishClientSend 'misto/v1/vehicles/#' allow
dynsec addRoleACL misto-ingest publishClientSend 'misto/v1/readings/#' allow
dynsec addRoleACL misto-ingest publishClientSend 'misto/v1/foreign/#' allow

dynsec createRole misto-reader
for topic in 'misto/v1/vehicles/#' 'misto/v1/readings/#' 'misto/v1/transit'; do
  dynsec addRoleACL misto-reader publishClientReceive "$topic" allow
  dynsec addRoleACL misto-reader subscribePattern "$topic" allow
done
dynsec createGroup misto-readers
dynsec addGroupRole misto-readers misto-reader

dynsec createRole misto-teller
dynsec addRoleACL misto-teller publishClientSend 'misto/v1/transit' allow
dynsec addRoleACL misto-teller publishClientReceive 'misto/v1/foreign/+' allow
dynsec addRoleACL misto-teller subscribePattern 'misto/v1/foreign/+' allow

dynsec createClient misto-ingest -p "$MISTO_INGEST_PASSWORD"
dynsec addClientRole misto-ingest misto-ingest
dynsec createClient misto-rules -p "$MISTO_RULES_PASSWORD"
dynsec addGroupClient misto-readers misto-rules
dynsec addClientRole misto-rules misto-teller
dynsec createClient misto-web -p "$MISTO_WEB_PASSWORD"
dynsec addGroupClient misto-readers misto-web
