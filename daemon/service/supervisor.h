// What the process tells who started it (systemd, Type=notify): ready, alive, reloading, stopping, and one
// line for `systemctl status`. The protocol is a datagram to the socket that NOTIFY_SOCKET names; without it
// nothing is told.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace tocsin::daemon {

// One thread.
class Supervisor {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID of the environment.
  Supervisor();
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  void Ready(std::string_view status);
  void Reloading();  // Ready ends it.
  void Stopping();
  // Call often: tells the watchdog that the process is alive, when it is and the time has come, and the
  // status when it has changed.
  void Tick(bool alive, std::string_view status, std::chrono::steady_clock::time_point now);

 private:
  void Send(const std::string& message) const;

  int socket_ = -1;
  std::string address_;                    // As the kernel wants it: an abstract name begins with a zero.
  std::chrono::microseconds watchdog_{0};  // How often at least; 0: nobody watches.
  std::chrono::steady_clock::time_point told_;
  std::string status_;
};

}  // namespace tocsin::daemon
