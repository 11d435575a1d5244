#include "daemon/engine/engine_config.h"

namespace tocsin::daemon {

const std::array<Setting<EngineConfig>, 9> EngineConfig::kSettings = {{
    {.key = "workers", .member = &EngineConfig::workers, .min = 0, .max = 64, .unit = "threads",
     .doc = "Threads, each with its own consumer and producer; 0 takes one for each core.", .reload = Reload::kRestart},
    {.key = "commit_events", .member = &EngineConfig::commit_events, .min = 1, .max = 1'000'000, .unit = "events",
     .doc = "Commit after so many events at the latest."},
    {.key = "commit_output_bytes", .member = &EngineConfig::commit_output_bytes, .min = 4096, .max = 256 << 20, .unit = "bytes",
     .doc = "Commit after so many bytes of output at the latest."},
    {.key = "drain_timeout", .member = &EngineConfig::drain_timeout, .min = 1, .max = 600, .unit = {},
     .doc = "On a stop signal, finish and commit within this time."},
    {.key = "commit_interval_ms", .member = &EngineConfig::commit_interval_ms, .min = 1, .max = 60'000, .unit = "ms",
     .doc = "Commit after this time at the latest."},
    {.key = "state_memory_mb", .member = &EngineConfig::state_memory_mb, .min = 16, .max = 1 << 20, .unit = "MiB",
     .doc = "Memory for the states of accounts, of all workers together; colder ones are read from disk."},
    {.key = "block_cache_mb", .member = &EngineConfig::block_cache_mb, .min = 1, .max = 1 << 20, .unit = "MiB",
     .doc = "Memory for blocks read from disk.", .reload = Reload::kRestart},
    {.key = "checkpoint_interval", .member = &EngineConfig::checkpoint_interval, .min = 1, .max = 86'400, .unit = {},
     .doc = "Write a checkpoint of changed states this often."},
    {.key = "checkpoint_mb", .member = &EngineConfig::checkpoint_mb, .min = 1, .max = 4096, .unit = "MiB",
     .doc = "Or after so much changed state of a partition."},
}};

}  // namespace tocsin::daemon
