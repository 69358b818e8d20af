//! `misto token`

use jiff::Timestamp;
use misto_model::Role;

use super::StoreArgument;
use crate::auth::{GrantKind, grant};
use crate::failure::Failure;

/// Access tokens for staff.
#[derive(Debug, clap::Subcommand)]
pub enum Token {
    /// Make a token and print it once; it works at once on a running server.
    #[command(
        after_help = "Example:\n  misto token create --role dispatcher --name \"Ольга\" --store geopackage:./data/city.gpkg"
    )]
    Create(Create),
}

#[derive(Debug, clap::Args)]
pub struct Create {
    /// dispatcher, planner or admin
    #[arg(long)]
    role: Role,
    /// Who will use it; the name stands in the history of changes.
    #[arg(long, default_value = "")]
    name: String,
    #[command(flatten)]
    store: StoreArgument,
}

impl Token {
    /// Prints the token on standard output, nothing else.
    #[expect(clippy::print_stdout, reason = "the token is what the command gives")]
    pub async fn run(self) -> Result<(), Failure> {
        let Self::Create(create) = self;
        let store = create.store.open().await?;
        let name = if create.name.is_empty() { create.role.to_string() } else { create.name };
        let token = grant(store.documents.as_ref(), GrantKind::Token, &name, create.role, Timestamp::now()).await?;
        println!("{}", token.reveal());
        Ok(())
    }
}
