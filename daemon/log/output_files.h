// Output records as NDJSON files, one file for each kind that has a path.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schemas/record.h"

namespace tocsin::daemon {

inline constexpr size_t kOutputKinds = 6;

struct OutputPaths {
  std::array<std::string, kOutputKinds>
      by_kind;  // Index: OutputKind; "" writes nothing, "-" is standard output.
  std::string& operator[](schemas::OutputKind kind) { return by_kind[static_cast<size_t>(kind)]; }
  const std::string& operator[](schemas::OutputKind kind) const { return by_kind[static_cast<size_t>(kind)]; }
};

// One thread.
class OutputFiles {
 public:
  enum class Open { kTruncate, kAppend };
  [[nodiscard]] static Result<OutputFiles> Make(const OutputPaths& paths, Open open);
  OutputFiles(OutputFiles&& other) noexcept;
  OutputFiles& operator=(OutputFiles&& other) noexcept;
  ~OutputFiles();

  // Appends each record's value and a line break to its kind's file and hands it to the operating system. On
  // an error the files are cut back to what they were, so that the same records may be written again.
  [[nodiscard]] Result<Done> Write(const std::vector<const schemas::OutRecord*>& records);

  // Length of each file in bytes.
  [[nodiscard]] const std::array<uint64_t, kOutputKinds>& lengths() const { return lengths_; }
  // Cuts the files to these lengths; a file that is shorter is kCorrupt.
  [[nodiscard]] Result<Done> CutTo(const std::array<uint64_t, kOutputKinds>& lengths);
  // What CutTo says of a file that is shorter.
  [[nodiscard]] static Error Shorter(const std::string& path);
  // Makes what was written survive a loss of power.
  [[nodiscard]] Result<Done> Sync();

 private:
  OutputFiles() { fds_.fill(-1); }
  OutputPaths paths_;
  std::array<int, kOutputKinds> fds_{};
  std::array<uint64_t, kOutputKinds> lengths_{};
  std::array<std::string, kOutputKinds> buffers_;
};

}  // namespace tocsin::daemon
