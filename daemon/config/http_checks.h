// What no single key of `http` can know.
#pragma once

#include <functional>
#include <string>

namespace tocsin::daemon {

struct Config;

void CheckHttp(const Config& config, const std::function<void(std::string key, std::string text)>& problem);
// What works, and lets strangers in more easily than it has to.
void WarnOfHttp(const Config& config, const std::function<void(std::string key, std::string text)>& unwise);

}  // namespace tocsin::daemon
