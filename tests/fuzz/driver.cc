// Runs a fuzz target without libFuzzer: every file of the corpus, then random changes of them until the time
// is up. Not guided by coverage, so no match for libFuzzer; but it runs wherever the tests run, and finds
// again what was found before.
//
//   NAME_fuzz [--name NAME] [--seconds N] [--seed N] [--words FILE.dict] FILE|FOLDER...
//
// The order of inputs depends on the seed alone; how many there are depends on the time. An input that brings
// the program down, or keeps it busy for longer than kSecondsMax, is left in ./crash-NAME.
#include <sys/time.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
// Called by the sanitizers before they end the process; not there without them.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

constexpr size_t kSizeMax = 1 << 16;
constexpr time_t kSecondsMax = 30;  // Of the processor: far above what any input takes with sanitizers.

std::string current;  // What is being tried, for the crash file.
std::string crash_file = "crash-fuzz";

void SaveCurrent() {
  if (std::FILE* file = std::fopen(crash_file.c_str(), "wb")) {
    std::fwrite(current.data(), 1, current.size(), file);
    std::fclose(file);
    std::fprintf(stderr, "the input is in %s (%zu bytes)\n", crash_file.c_str(), current.size());
  }
}

void OnSignal(int signal) {
  SaveCurrent();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// SIGPROF after so much time of the processor; 0: never. Nobody is to blame for a machine that is busy.
void SignalAfter(time_t seconds) {
  const itimerval timer{.it_interval = {}, .it_value = {.tv_sec = seconds, .tv_usec = 0}};
  ::setitimer(ITIMER_PROF, &timer, nullptr);
}

void Try(std::string input) {
  current = std::move(input);
  SignalAfter(kSecondsMax);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(current.data()), current.size());
  SignalAfter(0);
}

void OnTooLong(int) {
  SaveCurrent();
  std::fprintf(stderr, "one input took more than %jd seconds\n", static_cast<intmax_t>(kSecondsMax));
  std::_Exit(1);
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> ReadCorpus(const std::vector<std::string>& paths) {
  std::vector<std::filesystem::path> files;
  for (const std::string& path : paths) {
    if (std::filesystem::is_directory(path)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        if (entry.is_regular_file()) files.push_back(entry.path());
      }
    } else if (std::filesystem::exists(path)) {
      files.emplace_back(path);
    }
  }
  std::sort(files.begin(), files.end());  // The same order on every machine.
  std::vector<std::string> corpus;
  corpus.reserve(files.size());
  for (const auto& file : files) corpus.push_back(ReadFile(file));
  if (corpus.empty()) corpus.emplace_back();
  return corpus;
}

// libFuzzer's dictionaries: one "word" in quotes a line, with \\, \" and \xAB.
std::vector<std::string> ReadWords(const std::string& path) {
  std::vector<std::string> words;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const size_t begin = line.find('"');
    const size_t end = line.rfind('"');
    if (line.starts_with('#') || begin == std::string::npos || end <= begin) continue;
    std::string word;
    for (size_t i = begin + 1; i < end; ++i) {
      if (line[i] != '\\') {
        word += line[i];
      } else if (line[i + 1] == 'x' && i + 3 < end) {
        word += static_cast<char>(std::stoi(line.substr(i + 2, 2), nullptr, 16));
        i += 3;
      } else {
        word += line[++i];
      }
    }
    words.push_back(std::move(word));
  }
  return words;
}

class Mutator {
 public:
  Mutator(std::vector<std::string> corpus, std::vector<std::string> words, uint64_t seed)
      : corpus_(std::move(corpus)), words_(std::move(words)), random_(seed) {}

  std::string Next() {
    std::string text = corpus_[Below(corpus_.size())];
    for (size_t changes = 1 + Below(4); changes > 0; --changes) Change(text);
    if (text.size() > kSizeMax) text.resize(kSizeMax);
    return text;
  }

 private:
  size_t Below(size_t end) { return end == 0 ? 0 : random_() % end; }

  void Change(std::string& text) {
    const size_t at = Below(text.size() + 1);
    const size_t count = std::min(text.size() - at, 1 + Below(16));
    switch (Below(9)) {
      case 0:  // One bit.
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << Below(8)));
        break;
      case 1:  // One byte.
        if (at < text.size()) text[at] = static_cast<char>(random_());
        break;
      case 2:
        text.insert(at, 1, static_cast<char>(random_()));
        break;
      case 3:
        text.erase(at, count);
        break;
      case 4:
        text.insert(at, text.substr(Below(text.size()), count));
        break;  // A piece of itself.
      case 5:
        text.resize(at);
        break;
      case 6: {  // The rest of another file.
        const std::string& other = corpus_[Below(corpus_.size())];
        text = text.substr(0, at) + other.substr(Below(other.size()));
        break;
      }
      case 7: {  // Many times the same: depth, length.
        const std::string piece = text.substr(at, 1 + Below(8));
        for (size_t times = Below(600); times > 0 && text.size() < kSizeMax; --times) text.insert(at, piece);
        break;
      }
      default:
        if (words_.empty()) break;
        text.replace(at, Below(2) * count, words_[Below(words_.size())]);
    }
  }

  std::vector<std::string> corpus_;
  std::vector<std::string> words_;
  std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> paths;
  std::string words;
  uint64_t seed = 1;
  double seconds = 5;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const auto value = [&] { return std::string(i + 1 < argc ? argv[++i] : ""); };
    if (argument == "--name") {
      crash_file = "crash-" + value();
    } else if (argument == "--seconds") {
      seconds = std::stod(value());
    } else if (argument == "--seed") {
      seed = std::stoull(value());
    } else if (argument == "--words") {
      words = value();
    } else {
      paths.push_back(argument);
    }
  }
  if (const char* longer = std::getenv("TOCSIN_FUZZ_SECONDS")) seconds = std::stod(longer);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(SaveCurrent);
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGBUS}) {
    // The sanitizers report a segmentation fault better than we can.
    if (signal == SIGABRT || __sanitizer_set_death_callback == nullptr) std::signal(signal, OnSignal);
  }

  std::signal(SIGPROF, OnTooLong);

  const std::vector<std::string> corpus = ReadCorpus(paths);
  for (const std::string& input : corpus) Try(input);

  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  Mutator mutator(corpus, ReadWords(words), seed);
  uint64_t tried = 0;
  for (; std::chrono::steady_clock::now() < end; ++tried) Try(mutator.Next());
  std::cout << corpus.size() << " inputs of the corpus and " << tried << " changed ones, seed " << seed
            << '\n';
  return 0;
}
