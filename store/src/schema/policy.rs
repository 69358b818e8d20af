//! How audiences, kinds of shapes and kinds of changes are spelled in the stores.

use misto_model::{Audience, ChangeKind, GeometryKind};

pub(crate) fn audience_name(audience: Audience) -> &'static str {
    match audience {
        Audience::Public => "public",
        Audience::Staff => "staff",
    }
}

/// Anything but `public` is staff: a damaged word must not publish.
pub(crate) fn audience_named(name: &str) -> Audience {
    if name == "public" { Audience::Public } else { Audience::Staff }
}

pub(crate) fn kind_name(kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::Point => "Point",
        GeometryKind::Line => "Line",
        GeometryKind::Polygon => "Polygon",
        GeometryKind::Any => "Any",
    }
}

pub(crate) fn kind_named(name: &str) -> Option<GeometryKind> {
    [GeometryKind::Point, GeometryKind::Line, GeometryKind::Polygon, GeometryKind::Any]
        .into_iter()
        .find(|kind| kind_name(*kind) == name)
}

pub(crate) fn change_kind(name: &str) -> ChangeKind {
    match name {
        "insert" => ChangeKind::Insert,
        "delete" => ChangeKind::Delete,
        _ => ChangeKind::Update,
    }
}
