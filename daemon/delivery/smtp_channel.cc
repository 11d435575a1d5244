#include "daemon/delivery/smtp_channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "daemon/delivery/curl_handle.h"
#include "daemon/delivery/mail_message.h"

namespace tocsin::daemon {

struct SmtpChannel::Impl {
  const MailConfig& config;
  const std::chrono::seconds timeout;
  const std::atomic<bool>* stop;
  CurlEasy curl = MakeCurl();
  std::array<char, CURL_ERROR_SIZE> why{};
  std::string message;
  size_t sent = 0;
  int socket = -1;  // Of the connection that is kept.

  static curl_socket_t OnOpen(void* self, curlsocktype, curl_sockaddr* address) {
    return static_cast<Impl*>(self)->socket =
               ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }
  static int OnClose(void* self, curl_socket_t socket) {
    auto& impl = *static_cast<Impl*>(self);
    if (impl.socket == socket) impl.socket = -1;
    return ::close(socket);
  }

  static size_t OnRead(char* buffer, size_t size, size_t count, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    const size_t part = std::min(size * count, impl.message.size() - impl.sent);
    std::copy_n(impl.message.data() + impl.sent, part, buffer);
    impl.sent += part;
    return part;
  }
};

SmtpChannel::SmtpChannel(const MailConfig& config, std::chrono::seconds timeout,
                         const std::atomic<bool>* stop)
    : impl_(new Impl{.config = config, .timeout = timeout, .stop = stop}) {}
SmtpChannel::~SmtpChannel() {
  // The library says QUIT at its end, and would wait two minutes for a relay that does not answer.
  if (impl_->socket >= 0) ::shutdown(impl_->socket, SHUT_RDWR);
  impl_->curl = nullptr;
}

SendOutcome OutcomeOfSmtp(bool transferred, long code, const std::string& trouble) {
  if (transferred) return SendOutcome::Delivered();
  const std::string reply = "smtp_" + std::to_string(code);
  // The login is ours, not the recipient's: 535 says nothing about this mail, and an operator can mend it.
  const bool ours = trouble == "login" || code == 530 || code == 534 || code == 535 || code == 538;
  if (ours) return SendOutcome::Retry("login");
  if (code >= 500 && code < 600) return SendOutcome::Refused(reply);
  if (code >= 400 && code < 500) return SendOutcome::Retry(reply);
  return SendOutcome::Retry(trouble);  // Not even an answer, or one to an earlier command.
}

SendOutcome SmtpChannel::Send(const Parcel& parcel, Timestamp now) {
  Impl& impl = *impl_;
  const MailConfig& config = impl.config;
  if (!IsMailAddress(parcel.address)) {
    const auto ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    // SMTPUTF8 is not spoken here: a person has to reach them in another way.
    return SendOutcome::Refused(std::ranges::all_of(parcel.address, ascii) ? "bad_address"
                                                                           : "address_not_ascii");
  }

  const std::string domain = config.from.substr(config.from.rfind('@') + 1);
  Mail mail{
      .from = config.from, .from_name = config.from_name, .to = parcel.address, .subject = parcel.subject};
  mail.text = parcel.text;
  mail.html = parcel.html;
  mail.language = parcel.locale;
  mail.message_id = parcel.id + "." + parcel.lane.substr(0, 8) + "@" + domain;
  if (!parcel.case_id.empty()) mail.thread_id = parcel.case_id + "@" + domain;
  mail.date = now;
  impl.message = MailText(mail);
  impl.sent = 0;
  impl.why = {};

  CURL* const curl = impl.curl.get();
  curl_easy_reset(curl);  // The connection stays.
  const auto set = [curl](CURLoption option, auto value) { curl_easy_setopt(curl, option, value); };
  PrepareCurl(curl, impl.stop, static_cast<long>(impl.timeout.count()), impl.why);
  UseRelay(curl, config);
  set(CURLOPT_OPENSOCKETFUNCTION, Impl::OnOpen);
  set(CURLOPT_OPENSOCKETDATA, &impl);
  set(CURLOPT_CLOSESOCKETFUNCTION, Impl::OnClose);
  set(CURLOPT_CLOSESOCKETDATA, &impl);
  const std::string sender = "<" + (config.bounces.empty() ? config.from : config.bounces) + ">";
  set(CURLOPT_MAIL_FROM, sender.c_str());
  CurlList recipients(curl_slist_append(nullptr, ("<" + parcel.address + ">").c_str()));
  set(CURLOPT_MAIL_RCPT, recipients.get());
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, Impl::OnRead);
  set(CURLOPT_READDATA, &impl);
  set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(impl.message.size()));
  const CURLcode done = curl_easy_perform(curl);
  set(CURLOPT_MAIL_RCPT, nullptr);
  long code = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
  // What a relay says before it has heard of a recipient is about us, not about this mail.
  const bool ours = impl.sent == 0 && (done == CURLE_WEIRD_SERVER_REPLY ||
                                       done == CURLE_REMOTE_ACCESS_DENIED || done == CURLE_USE_SSL_FAILED);
  const bool from_refused = std::string_view(impl.why.data()).starts_with("MAIL failed");
  const std::string trouble = done == CURLE_USE_SSL_FAILED ? CodeOf(done)
                              : ours                       ? "greeting"
                              : from_refused               ? "mail_from"
                                                           : CodeOf(done);
  return OutcomeOfSmtp(done == CURLE_OK, ours || from_refused ? 0 : code, trouble);
}

}  // namespace tocsin::daemon
