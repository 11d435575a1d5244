// How delivery ends while a receiver does not answer.
#include "daemon/delivery/delivery_service.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "base/check.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

// Takes every connection, and says nothing.
class SilentReceiver {
 public:
  SilentReceiver() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    CHECK(::bind(socket_, reinterpret_cast<const sockaddr*>(&here), size) == 0 && ::listen(socket_, 8) == 0);
    CHECK(::getsockname(socket_, reinterpret_cast<sockaddr*>(&here), &size) == 0);
    port_ = ntohs(here.sin_port);
  }
  ~SilentReceiver() {
    for (const int taken : taken_) ::close(taken);
    ::close(socket_);
  }
  SilentReceiver(const SilentReceiver&) = delete;
  SilentReceiver& operator=(const SilentReceiver&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
  // Whether somebody comes.
  bool Take() {
    pollfd asked{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&asked, 1, 60'000) != 1) return false;
    taken_.push_back(::accept(socket_, nullptr, nullptr));
    return taken_.back() >= 0;
  }

 private:
  const int socket_;
  int port_ = 0;
  std::vector<int> taken_;
};

TEST(DeliveryServiceTest, AReceiverThatNeverAnswersKeepsNobodyAndLosesNothing) {
  const TempDirectory directory;
  SilentReceiver receiver;
  std::filesystem::create_directories(directory / "out");
  auto outputs = OutputHistory::Open(directory / "out", std::nullopt);
  ASSERT_TRUE(outputs) << outputs.error().ToString();
  const schemas::OutRecord notice{
      .kind = schemas::OutputKind::kNotice,
      .key = {},
      .headers = {},
      .value = R"({"notice_id":"n1","case_id":"c","account_id":"a","severity":"high","text":"t","html":"h",)"
               R"("subject":"s","locale":"en","recipients":[]})"};
  ASSERT_TRUE((*outputs)->Write({&notice}));

  Config config;
  config.log = LogKind::kLocal;
  config.state_dir = directory / "state";
  config.delivery.timeout = seconds(600);
  config.delivery.webhooks = {
      {.name = "app", .url = receiver.url(), .keys = {"of the webhook"}, .ca = {}, .allow_private = true}};
  // While the worker waits for the time, it does not end.
  std::atomic<bool> no_time{false};
  std::atomic<bool> waits{false};
  const auto wall_clock = [&] {
    if (no_time) waits = true;
    no_time.wait(true);
    return FromMillis(1'800'000'000'000);
  };
  const auto start = [&] {
    return *DeliveryService::Start(
        config, {.producer_id = {},
                 .wall_clock = wall_clock,
                 .report = [](std::string_view, const std::string&) {},
                 .keep = [](std::string_view, const std::string&) -> Result<Done> { return Done{}; },
                 .outputs = outputs->get()});
  };
  auto delivery = start();
  ASSERT_TRUE(receiver.Take());
  no_time = true;
  EXPECT_TRUE(test::Eventually([&] { return waits.load(); }));
  EXPECT_FALSE(delivery->Stop(steady_clock::now()));
  EXPECT_EQ(delivery->under_way(), 1U);
  no_time = false;
  no_time.notify_all();
  // It goes on ending, and breaks the attempt off.
  EXPECT_TRUE(delivery->Stop(steady_clock::now() + seconds(60)));
  delivery = nullptr;

  delivery = start();
  EXPECT_TRUE(receiver.Take()) << "sent again";
}

}  // namespace
}  // namespace tocsin::daemon
