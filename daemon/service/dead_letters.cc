#include "daemon/service/dead_letters.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "schemas/dead_letter.h"
#include "schemas/output_reader.h"

namespace tocsin::daemon {

namespace fs = std::filesystem;

namespace {

constexpr const char* kReplayed = "replayed";
constexpr const char* kDropped = "dropped";

// Behind what is there, as a line of its own; all of it or nothing.
bool AppendLine(int fd, std::string line) {
  struct stat before {};
  if (::fstat(fd, &before) != 0) return false;
  char last = '\n';
  if (before.st_size > 0 && ::pread(fd, &last, 1, before.st_size - 1) == 1 && last != '\n')
    line.insert(line.begin(), '\n');
  line += '\n';
  const ssize_t written = ::write(fd, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return true;
  if (written >= 0) errno = ENOSPC;  // A part of it: there is no room for the rest.
  const int why = errno;
  static_cast<void>(::ftruncate(fd, before.st_size) == 0);
  errno = why;
  return false;
}

}  // namespace

DeadLetters::DeadLetters(const std::string& directory, DeadLetterPlaces places,
                         std::chrono::milliseconds turn_wait)
    : path_((fs::path(directory) / "dead-letters.handled").string()),
      places_(std::move(places)),
      turn_wait_(turn_wait) {
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    const size_t space = line.find(' ');
    if (space == std::string::npos || space == 0) continue;
    const std::string what = line.substr(space + 1);
    // Of a line that a full disk or a crash cut short nothing is believed.
    if (what == kReplayed || what == kDropped) handled_[line.substr(0, space)] = what;
  }
}

Result<std::vector<KeptLetter>> DeadLetters::List(size_t letters_max) const {
  // What they take together must not grow with how many ask.
  const std::unique_lock turn(reading_, turn_wait_);
  if (!turn)
    return Error{ErrorCode::kUnavailable, "dead letters", "others read them at the moment; ask again"};
  Result<std::vector<std::string>> lines = places_.newest(letters_max);
  if (!lines) return lines.error();
  std::vector<KeptLetter> letters;
  const std::lock_guard lock(mutex_);
  for (auto line = lines->rbegin(); line != lines->rend(); ++line) {
    Result<schemas::DeadLetter> letter = schemas::ReadDeadLetter(std::exchange(*line, {}));
    if (!letter) continue;  // Several kinds may share a topic.
    KeptLetter kept{.letter = *std::move(letter)};
    kept.id = schemas::DeadLetterId(kept.letter);
    if (const auto found = handled_.find(kept.id); found != handled_.end()) kept.handled = found->second;
    letters.push_back(std::move(kept));
  }
  return letters;
}

Result<KeptLetter> DeadLetters::Find(const std::string& id) const {
  Result<std::vector<KeptLetter>> all = List(kLettersMax);
  if (!all) return all.error();
  const auto found = std::ranges::find(*all, id, &KeptLetter::id);
  if (found == all->end()) return Error{ErrorCode::kNotFound, id, "is no dead letter among the newest"};
  return std::move(*found);
}

bool DeadLetters::IsOfAnother(const KeptLetter& kept) const {
  return places_.is_of_another && places_.is_of_another(kept.letter);
}

Result<std::vector<KeptLetter>> DeadLetters::Chosen(const std::string& id) const {
  if (!id.empty()) {
    Result<KeptLetter> one = Find(id);
    if (!one) return one.error();
    if (IsOfAnother(*one)) {
      return Error{ErrorCode::kConflict, "dead letter " + id,
                   "is of a partition that this process does not have: another process has it; ask that one"};
    }
    return std::vector<KeptLetter>{*std::move(one)};
  }
  Result<std::vector<KeptLetter>> all = List(kLettersMax);
  if (!all) return all.error();
  // Each process remembers only what it has handled: asked in turn, each handles what it has.
  std::erase_if(*all, [this](const KeptLetter& kept) { return !kept.handled.empty() || IsOfAnother(kept); });
  std::ranges::reverse(*all);  // As they came.
  return all;
}

Result<Done> DeadLetters::Mark(const std::string& id, const char* what) {
  const std::lock_guard lock(mutex_);
  const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const bool written = fd >= 0 && AppendLine(fd, id + ' ' + what);
  const int why = errno;
  if (fd >= 0) ::close(fd);
  if (!written)
    return Error{ErrorCode::kUnavailable, path_, std::string("cannot be written: ") + std::strerror(why)};
  handled_[id] = what;
  return Done{};
}

Result<HandledLetters> DeadLetters::Replay(const std::string& id) {
  Result<std::vector<KeptLetter>> chosen = Chosen(id);
  if (!chosen) return chosen.error();
  for (const KeptLetter& kept : *chosen) {
    // Who may write to the dead-letter topic must not write anywhere with what we may. Its name is not
    // repeated: that, too, is theirs.
    if (places_.is_read && !places_.is_read(kept.letter.topic)) {
      return Error{ErrorCode::kConflict, "dead letter " + kept.id,
                   "names a topic that is not read, as no letter of ours does; nothing is replayed: drop it, "
                   "and find out who writes to the dead-letter topic"};
    }
  }
  HandledLetters handled;
  for (const KeptLetter& kept : *chosen) {
    const Result<bool> put = places_.put_back(kept.letter, !id.empty());
    if (!put) return put.error();
    ++(*put ? handled.touched : handled.left);
    if (!*put) continue;
    if (Result<Done> marked = Mark(kept.id, kReplayed); !marked) return marked.error();
  }
  return handled;
}

Result<HandledLetters> DeadLetters::Drop(const std::string& id) {
  Result<std::vector<KeptLetter>> chosen = Chosen(id);
  if (!chosen) return chosen.error();
  for (const KeptLetter& kept : *chosen) {
    if (Result<Done> marked = Mark(kept.id, kDropped); !marked) return marked.error();
  }
  return HandledLetters{.touched = chosen->size()};
}

}  // namespace tocsin::daemon
