#include "daemon/config/delivery_sections.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "base/url_target.h"
#include "daemon/config/config.h"
#include "daemon/config/key_builder.h"
#include "daemon/config/record_reader.h"
#include "daemon/config/url_parts.h"
#include "daemon/delivery/mail_message.h"
#include "daemon/delivery/webhook_signature.h"
#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

bool IsWebhookUrl(std::string_view url, bool allow_private) {
  if (url.starts_with("https://")) return url.size() > 8;
  return allow_private && url.starts_with("http://") && url.size() > 7;
}

void ReadRetryWaits(const YamlNode& node, const std::string& path, const Complain& complain, Config& config) {
  std::vector<std::chrono::seconds> waits;
  for (const YamlNode* item : ReadList(node, path, complain)) {
    const auto read = ReadDuration(*item);
    if (!read) {
      complain(*item, path, read.error().text);
    } else if (read->count() > int64_t{7} * 86'400) {
      complain(*item, path, "must be at most 7d");
    } else {
      waits.push_back(*read);
    }
  }
  if (waits.size() > 100) complain(node, path, "more than 100 waits");
  config.delivery.retry_waits = std::move(waits);
}

std::string RetryWaitDefaults(const Config& config) {
  std::string out;
  for (const auto wait : config.delivery.retry_waits)
    out.append(out.empty() ? " [" : ", ").append(DurationText(wait));
  return out.empty() ? " []" : out + "]";
}

void ReadWebhooks(const YamlNode& node, const std::string& path, const Complain& complain,
                  const std::string& directory, Config& config) {
  std::set<std::string> names = {"mail", "tickets", "feedback"};
  auto& webhooks = config.delivery.webhooks;
  webhooks.clear();
  for (const YamlNode* item : ReadList(node, path, complain)) {
    RecordReader record(*item, path + "[" + std::to_string(webhooks.size()) + "]", complain);
    WebhookConfig webhook;
    record.Take("name", ReadText, webhook.name);
    const auto plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    if (webhook.name.empty() || webhook.name.size() > 32 || !std::ranges::all_of(webhook.name, plain)) {
      record.Wrong("name", "every webhook needs a name of a-z, 0-9, - and _, at most 32 characters");
    } else if (!names.insert(webhook.name).second) {
      record.Wrong("name", "is there twice, or is the name of another channel (mail, tickets, feedback)");
    }
    record.Take("allow_private", ReadBoolean, webhook.allow_private);
    record.Take("url", ReadText, webhook.url);
    if (NamesLogin(webhook.url)) {
      record.Wrong("url", "must hold no user and no password: requests are signed with keys");
    } else if (!IsWebhookUrl(webhook.url, webhook.allow_private)) {
      record.Wrong("url", "must be https://… (http only with allow_private: true)");
    }
    if (record.Take("ca", ReadText, webhook.ca) && !webhook.ca.empty())
      webhook.ca = (std::filesystem::path(directory) / webhook.ca).lexically_normal().string();
    bool named = false;
    if (const YamlNode* keys = record.Find("keys")) {
      for (const YamlNode* secret : ReadList(*keys, record.path() + ".keys", complain)) {
        named = true;
        const auto bytes = ReadSecretFile(*secret, directory);
        if (!bytes) {
          complain(*secret, record.path() + ".keys", bytes.error().text);
        } else if (const auto key = WebhookKey(*bytes)) {
          webhook.keys.push_back(*key);
        } else {
          complain(*secret, record.path() + ".keys",
                   "the file must hold whsec_ and base64 of 24 to 64 random bytes");
        }
      }
    }
    if (!named) record.Wrong("keys", "needs at least one: [{file: PATH}]");
    record.Take("notices", ReadBoolean, webhook.notices);
    record.Take("tickets", ReadBoolean, webhook.tickets);
    if (!webhook.notices && !webhook.tickets) record.Wrong("notices", "gets neither notices nor tickets");
    if (const YamlNode* channels = record.Find("channels")) {
      for (const YamlNode* channel : ReadList(*channels, record.path() + ".channels", complain)) {
        const auto known = schemas::FromName<schemas::ContactChannel>(channel->text);
        if (known && !channel->text.empty()) {
          webhook.channels.push_back(*known);
        } else {
          complain(*channel, record.path() + ".channels", "must be email, sms, push or webhook");
        }
      }
    }
    const auto count = [&](const char* name, int64_t min, int64_t max, int& into) {
      int64_t value = into;
      if (!record.Take(name, ReadInteger, value)) return;
      if (value < min || value > max)
        record.Wrong(name, "must be from " + std::to_string(min) + " to " + std::to_string(max));
      into = static_cast<int>(value);
    };
    count("connections", 1, 64, webhook.connections);
    count("per_minute", 0, 1'000'000, webhook.per_minute);
    record.Close();
    webhooks.push_back(std::move(webhook));
  }
  if (webhooks.size() > 32) complain(node, path, "more than 32 webhooks");
}

bool SameUrls(const Config& a, const Config& b) {
  return std::ranges::equal(a.delivery.webhooks, b.delivery.webhooks, {}, &WebhookConfig::url,
                            &WebhookConfig::url);
}

void ReadPreviousKeys(const YamlNode& node, const std::string& path, const Complain& complain,
                      const std::string& directory, Config& config) {
  config.answers_before.clear();
  for (const YamlNode* item : ReadList(node, path, complain)) {
    RecordReader record(*item, path + "[" + std::to_string(config.answers_before.size()) + "]", complain);
    alerts::AnswersConfig before;
    record.Take("key_id", ReadText, before.key_id);
    if (before.key_id.empty() || before.key_id.size() > 32)
      record.Wrong("key_id", "must be 1 to 32 characters");
    if (const YamlNode* secret = record.Find("key")) {
      const auto bytes = ReadSecretFile(*secret, directory);
      if (!bytes) {
        record.Wrong("key", bytes.error().text);
      } else if (bytes->size() < 32) {
        record.Wrong("key", "at least 32 bytes");
      } else {
        before.key = *bytes;
      }
    } else {
      record.Wrong("key", "must be {file: PATH}");
    }
    record.Close();
    config.answers_before.push_back(std::move(before));
  }
  if (config.answers_before.size() > 8) complain(node, path, "more than 8 keys");
}

void CheckTickets(const TicketsConfig& tickets,
                  const std::function<void(std::string key, std::string text)>& problem) {
  using System = TicketsConfig::System;
  if (!tickets.enabled()) return;
  if (!IsWebhookUrl(tickets.url, tickets.allow_private) || tickets.url.ends_with('/')) {
    problem("delivery.tickets.url",
            "must be https://… without a slash at its end (http only with allow_private: true)");
  }
  if (tickets.token.empty()) problem("delivery.tickets.token", "must be {file: PATH}");
  // They become part of queries.
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == ' ';
  };
  const auto check = [&](const char* key, const std::string& name) {
    if (name.empty() || !std::ranges::all_of(name, plain))
      problem(std::string("delivery.tickets.") + key, "must be letters, digits, blanks, - and _");
  };
  check("queue", tickets.queue);
  check("case_field", tickets.case_field);
  check("outcome_field", tickets.outcome_field);
  if (tickets.system == System::kZammad && tickets.requester.empty())
    problem("delivery.tickets.requester", "must be an address: Zammad makes no ticket without a customer");
  if (tickets.system == System::kJira && tickets.request_type.empty())
    problem("delivery.tickets.request_type", "must be the name of an issue type of the project, as Incident");
}

// Nobody else may write it, and detection's own must not be taken for it.
void CheckDeliveryTopic(const Config& config,
                        const std::function<void(std::string key, std::string text)>& problem) {
  const KafkaConfig& kafka = config.kafka;
  const std::string& topic = config.delivery.changelog_topic;
  const auto others = {&kafka.rekeyed_topic,  &kafka.changelog_topic,   &kafka.feedback_topic,
                       &kafka.findings_topic, &kafka.notices_topic,     &kafka.tickets_topic,
                       &kafka.actions_topic,  &kafka.dead_letters_topic};
  const bool shared =
      std::ranges::any_of(others, [&](const std::string* other) { return *other == topic; }) ||
      std::ranges::find(kafka.input_topics, topic) != kafka.input_topics.end();
  if (topic.empty()) problem("delivery.changelog_topic", "is empty");
  if (shared && !topic.empty())
    problem("delivery.changelog_topic", "must be a topic of its own: it is one of those of kafka");
}

}  // namespace

std::vector<Section> DeliverySections() {
  return {
      {.path = "answers.previous_keys",
       .doc = "Keys that signed links which are still good. Example: {key_id: \"1\", key: {file: "
              "answers-1.key}}",
       .read = nullptr,
       .defaults = [](const Config&) { return std::string(" []"); },
       .schema =
           R"({"type":"array","maxItems":8,"items":{"type":"object","additionalProperties":false,)"
           R"("required":["key_id","key"],"properties":{"key_id":{"type":"string"},"key":{"type":"object",)"
           R"("additionalProperties":false,"required":["file"],"properties":{"file":{"type":"string"}}}}}})",
       .read_files = ReadPreviousKeys},
      {.path = "delivery.retry_waits",
       .doc = "Waits between attempts; after the last one a delivery is given up and kept for a person.",
       .read = ReadRetryWaits,
       .defaults = RetryWaitDefaults,
       .schema = R"({"type":"array","maxItems":100,"items":{"type":"string"}})"},
      {.path = "delivery.webhooks",
       .doc = "Addresses of the platform that get notices or tickets, signed. Example: {name: app, url: "
              "https://notify.example.com/tocsin, keys: [{file: webhook.key}], channels: [sms, push]}",
       .read = nullptr,
       .defaults = [](const Config&) { return std::string(" []"); },
       .schema =
           R"({"type":"array","maxItems":32,"items":{"type":"object","additionalProperties":false,)"
           R"("required":["name","url","keys"],"properties":{"name":{"type":"string","maxLength":32},)"
           R"("url":{"type":"string"},"keys":{"type":"array","minItems":1,"items":{"type":"object",)"
           R"("additionalProperties":false,"required":["file"],"properties":{"file":{"type":"string"}}}},)"
           R"("ca":{"type":"string"},"allow_private":{"type":"boolean"},"notices":{"type":"boolean"},)"
           R"("tickets":{"type":"boolean"},"channels":{"type":"array","items":{"enum":["email","sms","push","webhook"]}},)"
           R"("connections":{"type":"integer","minimum":1,"maximum":64},)"
           R"("per_minute":{"type":"integer","minimum":0,"maximum":1000000}}}})",
       .read_files = ReadWebhooks,
       .printable = WithOnlyHosts,
       .same = SameUrls},
  };
}

void CheckDelivery(Config& config, const std::function<void(std::string key, std::string text)>& problem) {
  const KafkaConfig& kafka = config.kafka;
  const alerts::AnswersConfig& answers = config.rules.alerts.answers;
  for (alerts::AnswersConfig& before : config.answers_before) {
    before.audience = answers.audience;
    if (before.key_id == answers.key_id)
      problem("answers.previous_keys",
              "names the key " + before.key_id + ", which is the present one: give it another id");
  }
  const bool read = std::ranges::find(kafka.input_topics, kafka.feedback_topic) != kafka.input_topics.end();
  const bool written = !answers.base_url.empty() || config.delivery.tickets.enabled();
  if (config.log == LogKind::kKafka && written && !read) {
    problem("kafka.feedback_topic",
            "must be one of kafka.input_topics: what owners answer and agents decide are events");
  }
  const bool shared =
      kafka.dead_letters_topic == kafka.notices_topic || kafka.dead_letters_topic == kafka.tickets_topic;
  if (config.log == LogKind::kKafka && config.delivery.enabled() && shared)
    problem("kafka.dead_letters_topic",
            "must be another topic than those of notices and tickets, which delivery reads");
  if (config.log == LogKind::kKafka && config.delivery.enabled()) CheckDeliveryTopic(config, problem);
  CheckTickets(config.delivery.tickets, problem);
  MailConfig& mail = config.delivery.mail;
  if (mail.url.empty()) return;
  const std::optional<UrlTarget> relay = ParseUrlTarget(mail.url);
  if (!relay || (relay->scheme != "smtp" && relay->scheme != "smtps") || !relay->rest.empty()) {
    problem("delivery.mail.url",
            "must be smtp://host:port or smtps://host:port; the login has keys of its own");
  }
  const bool here = relay && IsLoopbackHost(relay->host);
  if (!mail.tls && !here) problem("delivery.mail.tls", "may only be false for a relay on this machine");
  if (!IsMailAddress(mail.from)) problem("delivery.mail.from", "must be an address, as security@example.com");
  if (!mail.bounces.empty() && !IsMailAddress(mail.bounces))
    problem("delivery.mail.bounces", "must be an address, as bounces@example.com");
  const auto bare = [](char c) { return c > ' ' && c <= '~' && c != '/' && c != '?' && c != '#'; };
  if (!std::ranges::all_of(mail.hello, bare)) problem("delivery.mail.hello", "must be a host name");
  // Said of the one that is missing: a password whose file cannot be read has been complained about there.
  if (mail.username.empty() != mail.password.empty()) {
    const std::string missing = mail.username.empty() ? "username" : "password";
    problem("delivery.mail." + missing,
            "is missing: delivery.mail.username and delivery.mail.password go together");
  }
  if (mail.from_name.empty()) mail.from_name = config.rules.alerts.notices.brand;
}

}  // namespace tocsin::daemon
