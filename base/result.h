// Result<T>: a value, or the error that kept it from being there. Nothing in Tocsin throws across a public
// header.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace tocsin {

enum class ErrorCode {
  kInvalid,      // The input is wrong; trying again gives the same answer.
  kNotFound,     // What was named is not there.
  kUnavailable,  // Disk, network or another service refuses; the same call may succeed later.
  kConflict,     // Somebody else owns it, or it changed underneath.
  kCorrupt,      // Stored bytes are not what was written.
  kExhausted,    // A declared limit is reached.
};

// `field` names the place (a member path, a config key, a file); `detail` says what is wrong and how to mend
// it. Neither ever carries the value of an event: values are personal data.
struct Error {
  ErrorCode code = ErrorCode::kInvalid;
  std::string field;
  std::string detail;

  // "field: detail", or the one that is there.
  [[nodiscard]] std::string ToString() const {
    if (field.empty()) return detail;
    return detail.empty() ? field : field + ": " + detail;
  }
  friend bool operator==(const Error&, const Error&) = default;
};

// The value of a call that only succeeds or fails.
struct Done {
  friend bool operator==(Done, Done) = default;
};

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(E error) : held_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return held_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& value() & {
    CHECK(ok());
    return *std::get_if<0>(&held_);
  }
  const T& value() const& {
    CHECK(ok());
    return *std::get_if<0>(&held_);
  }
  T&& value() && {
    CHECK(ok());
    return std::move(*std::get_if<0>(&held_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !ok().
  const E& error() const {
    CHECK(!ok());
    return *std::get_if<1>(&held_);
  }

 private:
  std::variant<T, E> held_;
};

}  // namespace tocsin
