// While it lives this process can open `left` more files, and then no other: "too many open files". Whatever
// is asked for then was asked for before: the sanitizer opens a file when it meets a kind of object first, and
// takes it for damaged when it cannot.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

namespace tocsin {

class NoMoreFiles {
 public:
  explicit NoMoreFiles(int left = 0) {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    std::vector<int> next;
    for (int i = 0; i <= left; ++i) next.push_back(::dup(STDOUT_FILENO));
    for (const int fd : next) ::close(fd);
    // The system gives the least number that is free.
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(next.back());
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  ~NoMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoMoreFiles(const NoMoreFiles&) = delete;
  NoMoreFiles& operator=(const NoMoreFiles&) = delete;

 private:
  rlimit before_{};
};

}  // namespace tocsin
