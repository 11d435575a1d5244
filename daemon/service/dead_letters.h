// Records that could not become events, as they lie in the dead-letter output: looked at, given back to where
// they came from, or set aside. The output itself is never changed; what was done with a letter is a line in
// the state directory.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "schemas/alert.h"

namespace tocsin::daemon {

// Where letters lie and where they go back to.
struct DeadLetterPlaces {
  // The newest letters, oldest first, as they were written; not more bytes than kBytesMax.
  std::function<Result<std::vector<std::string>>(size_t letters_max)> newest;
  // Appends the original record to the topic it came from; durable when it returns. False: only the letter
  // has it, and nobody `vouched` for that.
  std::function<Result<bool>(const schemas::DeadLetter& letter, bool vouched)> put_back;
  // Whether records of the topic become dead letters; without it, those of any.
  std::function<bool(const std::string& topic)> is_read = {};
  // Whether another process has what the letter is of, and so handles it; without it, none has.
  std::function<bool(const schemas::DeadLetter& letter)> is_of_another = {};
};

struct KeptLetter {
  std::string id;
  schemas::DeadLetter letter;
  std::string handled;  // "", "replayed" or "dropped".
};

struct HandledLetters {
  size_t touched = 0;
  size_t left = 0;  // Replay of all: those whose record only they have. By its id a person vouches for one.
};

// Thread safe.
class DeadLetters {
 public:
  static constexpr size_t kLettersMax = 10'000;
  static constexpr size_t kBytesMax = size_t{16} << 20U;  // Of their lines, at once.
  // They are read for one who asks at a time: the others wait so long for their turn.
  DeadLetters(const std::string& directory, DeadLetterPlaces places,
              std::chrono::milliseconds turn_wait = std::chrono::seconds(5));

  // Newest first. kUnavailable: others ask.
  [[nodiscard]] Result<std::vector<KeptLetter>> List(size_t letters_max) const;
  // kNotFound: no such letter among the newest.
  [[nodiscard]] Result<KeptLetter> Find(const std::string& id) const;

  // Of one letter, or ("" ) of all that nobody has handled and no other process has; how many it was. A
  // letter that was handled can be replayed again by its id: the event's own id makes it a duplicate.
  // kConflict: the one letter is another process's; or one of them says that it is of a topic that is not
  // read, which none of ours does; none is replayed.
  [[nodiscard]] Result<HandledLetters> Replay(const std::string& id);
  [[nodiscard]] Result<HandledLetters> Drop(const std::string& id);

 private:
  [[nodiscard]] bool IsOfAnother(const KeptLetter& kept) const;
  [[nodiscard]] Result<std::vector<KeptLetter>> Chosen(const std::string& id) const;
  [[nodiscard]] Result<Done> Mark(const std::string& id, const char* what);

  const std::string path_;
  const DeadLetterPlaces places_;
  const std::chrono::milliseconds turn_wait_;
  mutable std::timed_mutex reading_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> handled_;
};

}  // namespace tocsin::daemon
