namespace SidecarAgent.Broker.Configuration;

/// <summary>The server's certificate, from files that are read again when they change.</summary>
/// <param name="CertFile"><c>certFile</c>: the certificate and its intermediates, PEM.</param>
/// <param name="KeyFile"><c>keyFile</c>: the private key, PEM.</param>
internal sealed record TlsOptions(string CertFile, string KeyFile)
{
    /// <summary><c>selfManaged</c>: the broker makes and renews the files itself; null: somebody else does.</summary>
    public SelfManagedTls? SelfManaged { get; init; }
}

/// <summary>A CA and a certificate of the broker's own.</summary>
/// <param name="Hosts"><c>hosts</c>: the DNS names and IP addresses that agents and operators call. At least one.</param>
/// <param name="Directory"><c>directory</c>: where both are kept; made if it is missing.</param>
/// <param name="ConfigMap"><c>configMap</c>: the ConfigMap of the broker's namespace that gets the CA as <c>ca.crt</c>; null: none.</param>
internal sealed record SelfManagedTls(IReadOnlyList<string> Hosts, string Directory, string? ConfigMap);
