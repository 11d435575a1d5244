// Which properties of kafka.properties are secrets: those whose names hold one of these words. Their values
// are {file: PATH}. Java's sasl.jaas.config, which the client library does not know, holds a password too.
#pragma once

#include <array>
#include <string_view>

namespace tocsin::daemon {

inline constexpr std::array<std::string_view, 4> kSecretPropertyWords = {"password", "secret", "jaas",
                                                                         "ssl.key.pem"};

}  // namespace tocsin::daemon
