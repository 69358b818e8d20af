//! Who asks.

use serde::{Deserialize, Serialize};

/// What staff may do. An administrator may do what dispatchers and planners may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Watches vehicles, sees rejected messages.
    Dispatcher,
    /// Edits layers.
    Planner,
    /// Both, and settings.
    Admin,
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "dispatcher" => Ok(Self::Dispatcher),
            "planner" => Ok(Self::Planner),
            "admin" => Ok(Self::Admin),
            other => Err(format!("{other:?} is no role: use dispatcher, planner or admin")),
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Dispatcher => "dispatcher",
            Self::Planner => "planner",
            Self::Admin => "admin",
        })
    }
}

/// The one who asks: a stranger, or staff with a name and a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Not signed in.
    Anonymous,
    /// Signed in.
    Staff {
        /// Name for the history ("who changed it").
        name: String,
        /// What they may do.
        role: Role,
    },
}

impl Principal {
    /// Whether the principal is signed in at all.
    pub fn is_staff(&self) -> bool {
        matches!(self, Self::Staff { .. })
    }

    /// Whether the principal has the role, or is an administrator.
    pub fn has(&self, wanted: Role) -> bool {
        matches!(self, Self::Staff { role, .. } if *role == wanted || *role == Role::Admin)
    }
}
