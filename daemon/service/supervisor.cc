#include "daemon/service/supervisor.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace tocsin::daemon {
namespace {

std::string_view Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

int64_t NumberOf(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Supervisor::Supervisor() {
  const std::string_view path = Environment("NOTIFY_SOCKET");
  if (path.size() < 2 || path.size() >= sizeof(sockaddr_un{}.sun_path) || (path[0] != '/' && path[0] != '@'))
    return;
  address_ = path;
  if (address_[0] == '@') address_[0] = '\0';
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const std::string_view pid = Environment("WATCHDOG_PID");
  if (pid.empty() || NumberOf(pid) == ::getpid())
    watchdog_ = std::chrono::microseconds(NumberOf(Environment("WATCHDOG_USEC")));
}

Supervisor::~Supervisor() {
  if (socket_ >= 0) ::close(socket_);
}

void Supervisor::Send(const std::string& message) const {
  if (socket_ < 0) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  // Nobody who does not listen may stop us.
  static_cast<void>(::sendto(socket_, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&to),
                             length));  // NOLINT: the socket API's own cast.
}

void Supervisor::Ready(std::string_view status) {
  status_ = status;
  Send("READY=1\nSTATUS=" + status_);
}

void Supervisor::Reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t micros = now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
  Send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros));
}

void Supervisor::Stopping() { Send("STOPPING=1\nSTATUS=finishing what was read"); }

void Supervisor::Tick(bool alive, std::string_view status, std::chrono::steady_clock::time_point now) {
  if (socket_ < 0) return;
  if (status != status_) {
    status_ = status;
    Send("STATUS=" + status_);
  }
  // Half the time, so that one that is late is not the end.
  if (watchdog_.count() > 0 && alive && now - told_ >= watchdog_ / 2) {
    told_ = now;
    Send("WATCHDOG=1");
  }
}

}  // namespace tocsin::daemon
