#include "xmr/serve/served_models.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "xmr/io/json.hpp"
#include "xmr/serve/api.hpp"
#include "xmr/serve/request_error.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::serve;

namespace {

void write_model(const test::TemporaryDirectory& folder, const std::string& name, std::uint64_t seed) {
  Random random(seed);
  test::random_model(random, 8).write(folder / "new.npz", {.beam = 3});
  std::filesystem::rename(folder / "new.npz", folder / name);
}

constexpr const char* kBody = R"({"queries":[{"features":[[0,1],[3,0.5]]},{"features":[]}],"k":3})";

HttpReply post(Api& api, unsigned thread, std::string_view body = kBody) {
  HttpReply reply;
  api.answer({"POST", "/v1/rank", "application/json", body}, thread, reply);
  return reply;
}

HttpReply get(Api& api, std::string_view target, std::string_view method = "GET", unsigned thread = 0) {
  HttpReply reply;
  api.answer({method, target, {}, {}}, thread, reply);
  return reply;
}

std::string code_of(const HttpReply& reply) {
  return Json::parse(reply.body)["error"]["code"].get<std::string>();
}

}  // namespace

TEST_CASE("each thread answers alike, and a reload changes the answers") {
  const test::TemporaryDirectory folder;
  write_model(folder, "a.npz", 1);
  ServedModels models({{"a", folder / "a.npz"}}, 3);
  const ServerState state;
  Api api(models, {}, state);
  const HttpReply first = post(api, 0);
  CHECK(first.status == 200);
  for (unsigned thread = 1; thread < 3; ++thread)
    CHECK(post(api, thread).body == first.body);

  std::vector<std::string> faults;
  const auto report = [&](const ModelFile&, const std::string& fault) { faults.push_back(fault); };
  models.reload_changed(report);
  CHECK(faults.empty());
  write_model(folder, "a.npz", 2);
  models.reload_changed(report);
  CHECK(faults == std::vector<std::string>{""});
  const HttpReply second = post(api, 0);
  CHECK(second.body != first.body);
  CHECK(second.model_version != first.model_version);
  CHECK(post(api, 2).body == second.body);

  std::ofstream(folder / "bad.npz") << "no model";
  std::filesystem::rename(folder / "bad.npz", folder / "a.npz");
  models.reload_changed(report);
  models.reload_changed(report);  // a bad file is tried once
  std::filesystem::remove(folder / "a.npz");
  models.reload_changed(report);
  models.reload_changed(report);
  CHECK(faults.size() == 3);
  CHECK(post(api, 1).body == second.body);
  CHECK(models.reloads(0) == 1);
  CHECK(models.failures(0) == 2);
  write_model(folder, "a.npz", 1);
  models.reload_changed(report);
  CHECK(post(api, 1).body == first.body);
}

TEST_CASE("models are replaced while threads ask", "[threads]") {
  const test::TemporaryDirectory folder;
  write_model(folder, "a.npz", 1);
  ServedModels models({{"a", folder / "a.npz"}}, 3);
  const ServerState state;
  Api api(models, {}, state);
  const std::string one = post(api, 0).body;
  write_model(folder, "a.npz", 2);
  models.reload_changed([](const ModelFile&, const std::string&) {});
  const std::string two = post(api, 0).body;
  std::atomic<bool> ends = false;
  std::atomic<std::size_t> wrong = 0, asked = 0;
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < 3; ++thread)
    threads.emplace_back([&, thread] {
      while (!ends) {
        if (thread == 2 && get(api, "/metrics", "GET", thread).status != 200) ++wrong;
        const HttpReply reply = post(api, thread);
        if (reply.body != one && reply.body != two) ++wrong;
        ++asked;
      }
    });
  for (std::uint64_t i = 0; i < 20; ++i) {
    write_model(folder, "a.npz", 1 + i % 2);
    models.reload_all([](const ModelFile&, const std::string&) {});
  }
  ends = true;
  for (std::thread& thread : threads)
    thread.join();
  CHECK(wrong == 0);
  CHECK(asked > 0);
}

TEST_CASE("each route is in the description, and each error has its code") {
  const test::TemporaryDirectory folder;
  write_model(folder, "a.npz", 1);
  ServedModels models({{"a", folder / "a.npz"}, {"b", folder / "a.npz"}}, 1);
  ServerState state;
  Api api(models, {.page = {{"/", "text/html", "<!doctype html>"}}}, state);
  CHECK(get(api, "/").content() == "<!doctype html>");
  CHECK(get(api, "/", "HEAD").status == 200);
  const auto paths = Json::parse(get(api, "/openapi.json").body)["paths"];
  CHECK(paths.size() == 7);
  CHECK(paths["/v1/rank"].size() == 2);
  CHECK(Json::parse(get(api, "/v1/models").body)["models"].size() == 2);
  CHECK(code_of(get(api, "/v1/rank?q=a")) == "unsupported");  // no vectorizer
  CHECK(code_of(get(api, "/v1/complete?prefix=a")) == "unsupported");
  CHECK(code_of(get(api, "/v1/rank?q=a&model=c")) == "unknown_model");
  CHECK(code_of(get(api, "/v2/rank")) == "unknown_path");
  CHECK(get(api, "/v1/rank", "PUT").allowed == "GET, POST");
  CHECK(get(api, "/", "POST").allowed == "GET");
  CHECK(code_of(post(api, 0, R"({"queries":[{"features":[[8,1]]}]})")) == "bad_body");
  CHECK(get(api, "/readyz").status == 200);
  state.draining = true;
  CHECK(code_of(get(api, "/readyz")) == "draining");
  CHECK(get(api, "/healthz").status == 200);
  CHECK_THROWS_AS(ServedModels({{"a", folder / "a.npz"}, {"a", folder / "a.npz"}}, 1), ConfigError);
}
