//! The smallest program: what `engine` is compared with.

use background_sync_benches::Footprint;

fn main() {
    println!("hello {}", Footprint::now().resident);
}
