use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use background_sync_benches::tag;
use effectum::{Job, JobRunner, Queue, RunningJob, Worker};
use futures_util::future::try_join_all;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use crate::AT_ONCE;

/// effectum as it comes.
pub(crate) struct Theirs {
    runtime: Runtime,
    queue: Arc<Queue>,
    /// Runs what is in the queue.
    worker: Worker,
    /// One permit for every job whose end is durable.
    done: Arc<Semaphore>,
}

/// The end is awaited here, so that it is known when it is durable.
async fn send(job: RunningJob, done: Arc<Semaphore>) -> Result<(), effectum::Error> {
    job.complete(()).await?;
    done.add_permits(1);
    Ok(())
}

impl Theirs {
    pub(crate) fn open(path: &Path) -> Result<Self, Box<dyn Error>> {
        // as its own documentation runs it; with one thread for each processor it took several times as long here
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let done = Arc::new(Semaphore::new(0));
        let (queue, worker) = runtime.block_on(async {
            let queue = Queue::new(path).await?;
            let worker = Worker::builder(&queue, Arc::clone(&done))
                .max_concurrency(AT_ONCE as u16)
                .jobs([JobRunner::builder("send", send).build()])
                .build()
                .await?;
            Ok::<_, effectum::Error>((Arc::new(queue), worker))
        })?;
        Ok(Self { runtime, queue, worker, done })
    }

    /// A task for each job, then until all of them have ended.
    pub(crate) fn round(&self) -> Result<(), Box<dyn Error>> {
        self.runtime.block_on(async {
            let tasks = (0..AT_ONCE).map(|number| {
                let queue = Arc::clone(&self.queue);
                let payload = tag(number).as_str().unwrap_or_default().as_bytes().to_vec();
                tokio::spawn(async move { Job::builder("send").payload(payload).add_to(&queue).await })
            });
            for added in try_join_all(tasks).await? {
                added?;
            }
            self.done.acquire_many(AT_ONCE as u32).await?.forget();
            Ok(())
        })
    }

    /// Everything ends inside its runtime.
    pub(crate) fn close(self) -> Result<(), Box<dyn Error>> {
        let Self { runtime, queue, worker, done: _ } = self;
        runtime.block_on(async move {
            worker.unregister(None).await?;
            Ok(queue.close(Duration::from_secs(10)).await?)
        })
    }
}
