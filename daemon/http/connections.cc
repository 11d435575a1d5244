#include "daemon/http/connections.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace tocsin::daemon {

using std::chrono::steady_clock;

Connections::Connections(size_t connections_max, ClosedConnections* closed)
    : connections_max_(connections_max), counts_(closed) {}

void Connections::Serve(std::function<void()> serve) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(serve));
  if (free_ < jobs_.size() && threads_.size() < connections_max_) {
    try {
      threads_.emplace_back([this] { Work(); });
      ++free_;
    } catch (const std::system_error&) {  // The system has no more: those that there are must do.
    }
  }
  come_.notify_one();
  MakeRoom();
}

void Connections::Stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Line* line : lines_) ::shutdown(line->socket_, line->waiting_ ? SHUT_RDWR : SHUT_RD);
    threads.swap(threads_);
  }
  come_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

bool Connections::Crowded() const {
  const std::lock_guard lock(mutex_);
  return stopping_ || jobs_.size() > free_ || lines_.size() * 4 > connections_max_ * 3;
}

size_t Connections::Waiting() const {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(std::ranges::count_if(lines_, &Line::waiting_));
}

void Connections::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    come_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const std::function<void()> serve = std::move(jobs_.front());
    jobs_.pop_front();
    --free_;
    lock.unlock();
    serve();
    lock.lock();
  }
}

// Closes lines until those who stand in line have a thread, or all the others are being worked on.
void Connections::MakeRoom() {
  while (jobs_.size() > free_ + closing_) {
    Line* oldest = nullptr;
    for (Line* line : lines_) {
      const bool may_go = line->waiting_ && !line->closed_;
      if (may_go && (oldest == nullptr || line->since_ < oldest->since_)) oldest = line;
    }
    if (oldest == nullptr) return;
    oldest->closed_ = true;
    ++closing_;
    if (counts_ != nullptr) counts_->Add(oldest->busy_);
    // Its thread wakes, and finds the end.
    ::shutdown(oldest->socket_, SHUT_RDWR);
  }
}

Connections::Line::Line(Connections& all, int socket)
    : all_(all), socket_(socket), since_(steady_clock::now()) {
  const std::lock_guard lock(all_.mutex_);
  all_.lines_.push_back(this);
}

Connections::Line::~Line() {
  {
    const std::lock_guard lock(all_.mutex_);
    std::erase(all_.lines_, this);
    if (closed_) --all_.closing_;
    ++all_.free_;  // In a moment.
  }
  ::shutdown(socket_, SHUT_RDWR);
  ::close(socket_);
}

bool Connections::Line::Wait(short events, std::chrono::milliseconds longest) {
  {
    const std::lock_guard lock(all_.mutex_);
    waiting_ = true;
    all_.MakeRoom();
    if (closed_ || all_.stopping_) return false;
  }
  pollfd asked{.fd = socket_, .events = events, .revents = 0};
  const int ready = ::poll(&asked, 1, static_cast<int>(longest.count()));
  const std::lock_guard lock(all_.mutex_);
  waiting_ = false;
  return ready > 0 && !closed_ && !all_.stopping_;
}

void Connections::Line::Touch(bool busy) {
  const std::lock_guard lock(all_.mutex_);
  busy_ = busy;
  since_ = steady_clock::now();
}

}  // namespace tocsin::daemon
