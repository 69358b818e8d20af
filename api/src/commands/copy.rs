//! `misto copy`

use crate::commands::progress;
use crate::failure::Failure;

/// Move everything from one store to another.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  misto copy --from geopackage:./data/city.gpkg --to postgres://misto@db/city\n\n\
    The target must be empty. Interrupted, the same command goes on where it was. At the end both are read\n\
    and compared by counts and hashes. Stop Misto first: what comes meanwhile makes the two differ.")]
pub struct Copy {
    /// What is copied: geopackage:./data/city.gpkg or postgres://user@host/city
    #[arg(long, value_name = "STORE")]
    from: String,
    /// Where it goes; an empty store
    #[arg(long, value_name = "STORE")]
    to: String,
}

impl Copy {
    /// Copies and verifies; ends with a line for each sort of thing.
    #[expect(clippy::print_stdout, reason = "the counts are what the command gives")]
    pub async fn run(self) -> Result<(), Failure> {
        let steps = progress::Steps::default();
        let digest = misto_store::copy(&self.from, &self.to, &mut steps.teller()).await?;
        steps.finish();
        for (name, sum) in &digest.sums {
            println!("{:>12}  {name}  {:032x}", sum.count, sum.hash);
        }
        println!("{:>12}  in all; source and target are equal", digest.total());
        Ok(())
    }
}
