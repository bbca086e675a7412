package dev.lamina.registry;

import dev.lamina.image.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose certificates are good: those the JDK trusts, unless {@code certs.d/HOST[:PORT]/*.crt} names
 * the only ones for a registry (containers-certs.d(5), Docker's the same); anybody's where the user
 * wants no verification.
 */
final class Tls {
  private static final Logger LOG = LoggerFactory.getLogger(Tls.class);

  private Tls() {}

  /** Empty where the JDK's own is right. */
  static Optional<SSLContext> context(Place place, Environment environment) {
    try {
      if (!place.verify()) {
        return Optional.of(context(new TrustManager[] {new Anybody()}));
      }
      List<X509Certificate> named = named(place, environment);
      return named.isEmpty() ? Optional.empty() : Optional.of(context(trusting(named)));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("no TLS on this JDK", e);
    }
  }

  private static SSLContext context(TrustManager[] trust) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust, null);
    return context;
  }

  private static TrustManager[] trusting(List<X509Certificate> certificates)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < certificates.size(); i++) {
      store.setCertificateEntry("c" + i, certificates.get(i));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static List<X509Certificate> named(Place place, Environment environment) {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Path directory :
        List.of(
            environment.configuration().resolve("containers/certs.d"),
            Path.of("/etc/containers/certs.d"),
            Path.of("/etc/docker/certs.d"))) {
      Path ofHost = directory.resolve(place.host());
      if (Files.isDirectory(ofHost)) {
        try (Stream<Path> files = Files.list(ofHost)) {
          for (Path file : files.filter(f -> f.toString().endsWith(".crt")).sorted().toList()) {
            read(file, certificates);
          }
        } catch (IOException e) {
          LOG.warn("cannot read {}: {}", ofHost, e.getMessage());
        }
      }
    }
    return certificates;
  }

  private static void read(Path file, List<X509Certificate> certificates) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      CertificateFactory.getInstance("X.509")
          .generateCertificates(in)
          .forEach(certificate -> certificates.add((X509Certificate) certificate));
    } catch (CertificateException e) {
      LOG.warn("{} holds no certificates: {}", file, Json.printable(e.getMessage()));
    }
  }

  /** Trusts anybody. An extended one: only then is the host's name not compared either. */
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
