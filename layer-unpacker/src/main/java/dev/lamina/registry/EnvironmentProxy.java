package dev.lamina.registry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Proxies as the environment names them for all programs of containers: {@code HTTPS_PROXY}, {@code
 * HTTP_PROXY} and {@code NO_PROXY}, in upper or lower case. This host itself is never asked through
 * one.
 */
final class EnvironmentProxy extends ProxySelector {
  private static final int USUAL_PORT = 80;

  private final Environment environment;

  EnvironmentProxy(Environment environment) {
    this.environment = environment;
  }

  @Override
  public List<Proxy> select(URI uri) {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    if (Place.isLoopback(host) || isExempt(host, uri.getPort())) {
      return List.of(Proxy.NO_PROXY);
    }
    return either(Wire.isSecure(uri) ? "HTTPS_PROXY" : "HTTP_PROXY")
        .flatMap(EnvironmentProxy::address)
        .map(address -> List.of(new Proxy(Proxy.Type.HTTP, address)))
        .orElse(List.of(Proxy.NO_PROXY));
  }

  private Optional<String> either(String name) {
    return environment.variable(name).or(() -> environment.variable(name.toLowerCase(Locale.ROOT)));
  }

  private boolean isExempt(String host, int port) {
    for (String entry : either("NO_PROXY").orElse("").toLowerCase(Locale.ROOT).split(",", -1)) {
      String name = entry.strip().replaceFirst("^\\*?\\.", "");
      if (name.equals("*") || name.equals(host) || name.equals(host + ":" + port)) {
        return true;
      }
      if (!name.isEmpty() && host.endsWith("." + name)) {
        return true;
      }
    }
    return false;
  }

  private static Optional<InetSocketAddress> address(String text) {
    try {
      URI uri = URI.create(text.contains("://") ? text : "http://" + text);
      return Optional.ofNullable(uri.getHost())
          .map(
              host ->
                  InetSocketAddress.createUnresolved(
                      host, uri.getPort() < 0 ? USUAL_PORT : uri.getPort()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // Whoever asked is told.
  }
}
