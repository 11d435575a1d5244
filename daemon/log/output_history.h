// The output files of the embedded log over time: those that are written, and those that were set aside, for
// as long as they are kept.
//
//   findings.jsonl                    is written
//   findings.20261129T022733Z.jsonl   was set aside; begun then: nothing in it is older
//
// A position is a count of bytes of one kind, over all its files since the log was made; it only grows. A
// line lies in one file.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "daemon/log/output_files.h"
#include "schemas/record.h"

namespace tocsin::daemon {

// One file of each kind, begun together.
struct OutputPart {
  Timestamp began{};                           // Nothing in them is older; 1970: not known.
  std::array<int64_t, kOutputKinds> begins{};  // Position of the first byte.
  std::array<uint64_t, kOutputKinds> lengths{};

  [[nodiscard]] bool empty() const { return lengths == decltype(lengths){}; }
  [[nodiscard]] int64_t begin(schemas::OutputKind kind) const { return begins[static_cast<size_t>(kind)]; }
  [[nodiscard]] int64_t end(schemas::OutputKind kind) const {
    return begin(kind) + static_cast<int64_t>(lengths[static_cast<size_t>(kind)]);
  }
  friend bool operator==(const OutputPart&, const OutputPart&) = default;
};

// What is remembered of the files, across a crash as well.
struct OutputParts {
  OutputPart current;
  std::vector<OutputPart> older;  // Oldest first.
  bool turning = false;           // The last of `older` may still have the names of what is written.
  friend bool operator==(const OutputParts&, const OutputParts&) = default;
};

// One file as a reader has it.
struct OutputPiece {
  int64_t begin = 0;
  int64_t end = 0;   // What lies before it is committed, and in the file.
  std::string path;  // Until the next turn.
};

// Of one file: what lay beyond all that is known of it, and where it is now.
struct OutputsBeyond {
  std::string path;
  std::string kept_in;
  uint64_t bytes = 0;
};

// Writing, turning and removing: one thread at a time (the owner locks). Reading: any thread.
class OutputHistory {
 public:
  // `known`: as parts() was when all of its bytes were on disk; nullopt: nothing is known, and what is there
  // is written behind. Ends a turn that was under way and cuts the files to what is known. kCorrupt: one is
  // shorter than that.
  [[nodiscard]] static Result<std::unique_ptr<OutputHistory>> Open(const std::string& directory,
                                                                   const std::optional<OutputParts>& known);

  // Before Open, which cuts: what lies beyond `known` and the bytes that will be written behind it again is
  // copied to a file of its own ("findings.20261129T022733Z.jsonl.beyond", after the file's last change),
  // which Remove finds. A crash leaves no such thing: the state is older than the files.
  [[nodiscard]] static Result<std::vector<OutputsBeyond>> KeepBeyond(
      const std::string& directory, const OutputParts& known,
      const std::array<uint64_t, kOutputKinds>& again);

  // As OutputFiles. REQUIRES of Write: no turn is under way.
  [[nodiscard]] Result<Done> Write(const std::vector<const schemas::OutRecord*>& records);
  [[nodiscard]] Result<Done> WriteRow(std::span<const schemas::OutRecord> records);  // That lie in a row.
  [[nodiscard]] Result<Done> Sync() { return files_->Sync(); }
  // To be remembered.
  [[nodiscard]] const OutputParts& parts() const { return turning_to_ ? *turning_to_ : parts_; }

  // Tells the time, often. True: what has to be remembered changed, since nothing was written for `period`.
  [[nodiscard]] bool Tell(Timestamp now, Millis period);
  // Files that are written are set aside in two steps, each of which is remembered (parts()) before the next:
  // BeginTurn says how they are called, and SetAside renames them and begins new ones. A crash at any point
  // is mended by Open. An error of BeginTurn: nothing was changed, and what is written goes on; one of
  // SetAside is tried again.
  [[nodiscard]] bool IsDue(Timestamp now, Millis period) const;
  [[nodiscard]] Result<Done> BeginTurn(Timestamp now);
  [[nodiscard]] Result<Done> SetAside();
  [[nodiscard]] bool turning() const { return turning_to_.has_value(); }
  // Removes what was set aside and begun at `until` or before, under its name and with whatever follows that
  // (.gz), but for what a reader still needs. True: something was kept for that.
  [[nodiscard]] bool Remove(Timestamp until);

  // Where the first record that is kept begins, and where the last one ends.
  [[nodiscard]] int64_t begin(schemas::OutputKind kind) const;
  [[nodiscard]] int64_t end(schemas::OutputKind kind) const;
  // The file that holds what follows `position`; the oldest one when that is gone.
  [[nodiscard]] OutputPiece PieceAt(schemas::OutputKind kind, int64_t position) const;
  // Opens it for reading; the caller closes. kNotFound: it was set aside, and somebody removed it.
  [[nodiscard]] Result<int> OpenAt(schemas::OutputKind kind, int64_t position, OutputPiece& piece) const;
  // A reader needs what lies at `position` and behind it, from now on.
  void NeededFrom(schemas::OutputKind kind, int64_t position);
  // Nothing is renamed or removed meanwhile: be quick. Oldest first; not all of them need be there.
  void VisitPaths(schemas::OutputKind kind,
                  const std::function<void(const std::vector<std::string>& paths)>& visit) const;

 private:
  explicit OutputHistory(std::string directory) : directory_(std::move(directory)) {}
  [[nodiscard]] Result<Done> OpenFiles();
  [[nodiscard]] std::string PathOf(size_t kind) const;
  [[nodiscard]] std::string PathOf(size_t kind, const OutputPart& older) const;
  [[nodiscard]] OutputPiece Piece(schemas::OutputKind kind, int64_t position) const;
  [[nodiscard]] Result<Done> Rename(size_t kind, const OutputPart& older) const;
  [[nodiscard]] bool IsNeeded(size_t kind, const OutputPart& older) const;

  const std::string directory_;
  std::optional<OutputFiles> files_;
  std::optional<OutputParts> turning_to_;

  mutable std::mutex mutex_;  // Of what readers see; only the writing thread changes it.
  OutputParts parts_;
  std::array<std::optional<int64_t>, kOutputKinds> needed_from_;
};

}  // namespace tocsin::daemon
