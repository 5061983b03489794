// xmr-serve: answers over HTTP with models of any kind, and shows a page to try them.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

#include "xmr/serve/api.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

#include "common/options.hpp"
#include "common/tool.hpp"
#include "xmr-serve/acceptor.hpp"
#include "xmr-serve/access_log.hpp"
#include "xmr-serve/page.hpp"
#include "xmr-serve/reloader.hpp"

namespace xmr::tools {
namespace {

struct ServeOptions {
  std::vector<std::string> models;
  ListenOptions listen;
  ConnectionLimits connections;
  RequestLimits request;
  serve::RankLimits rank;
  std::uint32_t request_seconds = 10, idle_seconds = 60, drain_seconds = 10;
  std::string log = "-", block;
  bool logs_queries = false;

  void add_to(CLI::App& app);
  std::vector<serve::ModelFile> files() const;
};

void ServeOptions::add_to(CLI::App& app) {
  app.add_option("-m,--model", models,
                 "Model to serve, with its name in requests; default: the name of the file; several, each with its -m")
      ->type_name("[NAME=]FILE")
      ->allow_extra_args(false)
      ->required();

  app.add_option("--block", block, "Words and phrases that no completion may hold, one a line")->type_name("FILE");

  app.add_option("--host", listen.host, "Address to listen at; 0.0.0.0 serves all machines")
      ->type_name("HOST")
      ->group("Address");
  app.add_option("--port", listen.port, "Port to listen at; 0: any free one")
      ->transform(range<std::uint16_t>(0))
      ->group("Address");
  app.add_option("--unix", listen.unix_path, "Unix socket to listen at, in place of host and port")
      ->type_name("PATH")
      ->group("Address");

  const auto limit = [&app](const std::string& name, auto& value, const std::string& help) {
    return app.add_option(name, value, help)->group("Limits");
  };
  constexpr std::uint32_t kMax = std::numeric_limits<std::int32_t>::max();
  limit("--max-connections", connections.all, "Number of open connections")->transform(range(1U, 1U << 20));
  limit("--max-connections-per-address", connections.by_address, "Number of open connections of an address")
      ->transform(range(1U, 1U << 20));
  limit("--max-body", request.body, "Size of the body of a request, in bytes")->transform(size_in_bytes());
  limit("--max-url", request.url, "Size of path and query, in bytes")->transform(range<std::uint64_t>(64, 1 << 20));
  limit("--max-headers", request.headers, "Size of the headers of a request, in bytes")
      ->transform(range<std::uint64_t>(256, 1 << 20));
  limit("--max-queries", rank.queries, "Number of queries of a request")->transform(range(1U, kMax));
  limit("--max-answers", rank.answers, "Number of answers to a query")->transform(range(1U, kMax));
  limit("--max-list", rank.list_labels, "Number of labels to allow or deny in a request, and of categories")
      ->transform(range(1U, kMax));
  limit("--request-seconds", request_seconds, "Time for a client to send a request")->transform(range(1U, 86400U));
  limit("--idle-seconds", idle_seconds, "Time for a client to send the next request, and to take an answer")
      ->transform(range(1U, 86400U));
  limit("--drain-seconds", drain_seconds, "Time for running requests after SIGTERM")->transform(range(0U, 86400U));

  app.add_option("--log", log, "Log to write, a line of JSON for each request; - is stdout")
      ->type_name("FILE")
      ->group("Log");
  app.add_flag("--log-queries", logs_queries, "Logs the texts of requests too; default: never")->group("Log");
}

std::vector<serve::ModelFile> ServeOptions::files() const {
  std::vector<serve::ModelFile> files;
  for (const std::string& model : models) {
    const std::size_t equals = model.find('=');
    const bool is_named = equals != std::string::npos && model.find('/') > equals;
    const std::string path = is_named ? model.substr(equals + 1) : model;
    const std::string name = is_named ? model.substr(0, equals) : std::filesystem::path(path).stem().string();
    if (name.empty() || path.empty())
      throw ConfigError(fmt::format("-m {}: a name or a file is missing", quote(model)), "-m shop=model.npz");
    files.push_back({name, path});
  }
  return files;
}

// Lets the process open as many files as there may be connections.
void raise_file_limit(std::uint64_t connections) {
  constexpr std::uint64_t kOthers = 256;
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= connections + kOthers) return;
  if (limit.rlim_max < connections + kOthers)
    throw ConfigError(fmt::format("--max-connections: {} need {} open files, {} are allowed (ulimit -n)", connections,
                                  connections + kOthers, limit.rlim_max));
  limit.rlim_cur = connections + kOthers;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Threads that are started after this take no signals; the main thread takes them while it waits.
void hold_signals() {
  sigset_t held;
  sigemptyset(&held);
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&held, number);
  pthread_sigmask(SIG_BLOCK, &held, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

void serve_models(const ServeOptions& options, Run& run) {
  check_dash_once("stdout", {{options.log, run.common().stats}});
  const auto note = [&](const std::string& text) {
    if (!run.common().quiet) fmt::print(stderr, "xmr-serve: {}\n", printable(text));
  };
  raise_file_limit(options.connections.all);
  hold_signals();
  const unsigned threads = run.common().threads;
  serve::ServerState state;
  const std::vector<serve::ModelFile> files = options.files();
  std::optional<BlockedWords> blocked;
  if (!options.block.empty()) blocked = BlockedWords::read(options.block);
  serve::ServedModels models(files, threads, std::move(blocked));
  serve::Api api(models, {.limits = options.rank, .page = page_files()}, state);
  ConnectionLimits limits = options.connections;
  limits.request = std::chrono::seconds(options.request_seconds);
  limits.idle = std::chrono::seconds(options.idle_seconds);
  Connections connections(limits, threads, state);
  AccessLog log(options.log, threads, state);
  std::size_t left = 0;
  {
    Listeners listeners(options.listen);
    HttpThreads http(api, connections, {log, options.logs_queries}, options.request, threads);
    Reloader reloader(models, [&](const serve::ModelFile& file, const std::string& fault) {
      if (fault.empty())
        note(fmt::format("{}: reloaded", file.path));
      else
        run.observer().warn(fmt::format("{}; the model {} that was open stays", fault, quote(file.name)));
    });
    for (const std::string& name : listeners.names())
      note(fmt::format("listening at {}", name));
    Acceptor acceptor(listeners, connections, http, state);
    acceptor.run([&] {
      if (!reloader.take_hangup()) return;
      log.reopen();
    });
    note("draining");
    left = acceptor.drain(std::chrono::seconds(options.drain_seconds));
  }
  if (left > 0) run.observer().warn(fmt::format("connections that were cut: {}", left));
  run.record("connections", state.accepted.load());
}

}  // namespace
}  // namespace xmr::tools

int main(int argc, char** argv) {
  using namespace xmr::tools;
  return Tool("xmr-serve",
              "Answers over HTTP with models of xmr-train, and shows a page to try them. A model file that is replaced "
              "by a rename, and every file after SIGHUP, is opened anew while requests run. SIGTERM lets running "
              "requests end.",
              "xmr-serve -m build/demo/model.npz --port 8080\n"
              "curl 'http://127.0.0.1:8080/v1/rank?q=web+browser&k=3'")
      .command(serve_models)
      .main(argc, argv);
}
