// Open connections, each with a thread of its own, up to a bound: nobody who keeps connections open keeps
// another one out. When all threads are taken and another connection comes, the one that has been waited for
// the longest time is closed, whether its next request is awaited, the rest of one, or that it reads its
// answer. One whose request is being worked on is never closed for another.
//
// Thread safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/http/closed_connections.h"

namespace tocsin::daemon {

class Connections {
 public:
  // Threads are made as they are needed, and stay. `closed` may be null, and outlives this.
  explicit Connections(size_t connections_max, ClosedConnections* closed = nullptr);
  // REQUIRES: Stop() has returned, or nothing was ever served.
  ~Connections() = default;
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // Runs `serve`, which makes a Line of its socket, as soon as a thread is free.
  void Serve(std::function<void()> serve);
  // Ends all waiting, and returns when every thread has ended. Nothing is served afterwards.
  void Stop();
  // So many are open that it is better not to keep this one after its answer.
  [[nodiscard]] bool Crowded() const;
  // Lines whose client is waited for: they may be closed for another one.
  [[nodiscard]] size_t Waiting() const;

  // One connection. For the thread that serves it.
  class Line {
   public:
    // Takes the socket, and closes it in the end.
    Line(Connections& all, int socket);
    ~Line();
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    // Until the socket is ready for `events` (as poll has them). False: not in time, or it is to be closed.
    [[nodiscard]] bool Wait(short events, std::chrono::milliseconds longest);
    // A request begins, or is answered: how long this line is waited for counts from now.
    void Touch(bool busy);
    [[nodiscard]] int socket() const { return socket_; }

   private:
    friend class Connections;
    Connections& all_;
    const int socket_;
    // Under the mutex of `all_`.
    std::chrono::steady_clock::time_point since_;
    bool waiting_ = false;
    bool busy_ = false;    // Between the first byte of a request and the last of its answer.
    bool closed_ = false;  // For another one, or because the server stops.
  };

 private:
  void Work();
  void MakeRoom();

  const size_t connections_max_;
  ClosedConnections* const counts_;
  mutable std::mutex mutex_;
  std::condition_variable come_;
  std::list<std::function<void()>> jobs_;  // No thread has taken them.
  std::vector<std::thread> threads_;
  std::vector<Line*> lines_;
  size_t free_ = 0;     // Threads without a line.
  size_t closing_ = 0;  // Lines that were closed for another one, and have their thread for a moment more.
  bool stopping_ = false;
};

}  // namespace tocsin::daemon
