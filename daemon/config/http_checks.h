// What no single key of `http` can know.
#pragma once

#include <functional>
#include <string>

namespace tocsin::daemon {

struct Config;

void CheckHttp(const Config& config, const std::function<void(std::string key, std::string text)>& problem);

}  // namespace tocsin::daemon
