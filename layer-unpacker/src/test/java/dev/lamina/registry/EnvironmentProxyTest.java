package dev.lamina.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EnvironmentProxyTest {
  @TempDir private Path home;

  @ParameterizedTest
  @CsvSource({
    "https://quay.io/v2/, HTTP @ proxy.example/<unresolved>:3128",
    "http://quay.io/v2/, HTTP @ plain.example/<unresolved>:80",
    "https://a.internal/, DIRECT",
    "https://internal/, DIRECT",
    "https://notinternal/, HTTP @ proxy.example/<unresolved>:3128",
    "http://127.0.0.1:5000/, DIRECT",
    "http://localhost:5000/, DIRECT",
  })
  void select_asTheEnvironmentSays(String uri, String proxy) throws Exception {
    Environment environment =
        new Client(home)
            .with("HTTPS_PROXY", "http://proxy.example:3128/")
            .with("http_proxy", "plain.example")
            .with("NO_PROXY", "x.y, .internal")
            .environment();
    assertThat(new EnvironmentProxy(environment).select(URI.create(uri)))
        .singleElement()
        .hasToString(proxy);
  }
}
