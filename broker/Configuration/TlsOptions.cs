namespace SidecarAgent.Broker.Configuration;

/// <summary>The server's certificate, from files that are read again when they change.</summary>
/// <param name="CertFile"><c>certFile</c>: the certificate and its intermediates, PEM. Required.</param>
/// <param name="KeyFile"><c>keyFile</c>: the private key, PEM. Required.</param>
internal sealed record TlsOptions(string CertFile, string KeyFile);
