// Notices by mail, through the platform's own relay: it signs (DKIM) and queues. One message for each
// address.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "daemon/delivery/channel.h"
#include "daemon/delivery/delivery_config.h"

namespace tocsin::daemon {

// What a relay's answer means. `transferred`: the library says the message was taken. `code` is the last
// reply; `trouble` the stable code of what went wrong on the line.
[[nodiscard]] SendOutcome OutcomeOfSmtp(bool transferred, long code, const std::string& trouble);

class SmtpChannel final : public Channel {
 public:
  // `config` and `stop` outlive the channel.
  SmtpChannel(const MailConfig& config, std::chrono::seconds timeout, const std::atomic<bool>* stop);
  ~SmtpChannel() override;
  // parcel.address names the recipient. kRefused for one that is no address.
  [[nodiscard]] SendOutcome Send(const Parcel& parcel, Timestamp now) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::daemon
