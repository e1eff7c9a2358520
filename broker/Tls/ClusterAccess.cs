namespace SidecarAgent.Broker.Tls;

/// <summary>How a pod reaches the API server of its cluster. Files are read anew each time: the kubelet replaces them.</summary>
/// <param name="Address">The API server, https.</param>
/// <param name="Directory">Holds <c>token</c>, <c>ca.crt</c> and <c>namespace</c> of the service account.</param>
internal sealed record ClusterAccess(Uri Address, string Directory)
{
    /// <summary>As Kubernetes tells every container; null outside of a cluster.</summary>
    public static ClusterAccess? OfThisPod
    {
        get
        {
            var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
            var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
            if (string.IsNullOrEmpty(host) || !ushort.TryParse(port, out var number))
                return null;
            return new ClusterAccess(
                new UriBuilder("https", host, number).Uri, "/var/run/secrets/kubernetes.io/serviceaccount");
        }
    }

    public string ReadToken() => File.ReadAllText(Path.Combine(Directory, "token")).Trim();

    public string ReadNamespace() => File.ReadAllText(Path.Combine(Directory, "namespace")).Trim();

    public string CaFile => Path.Combine(Directory, "ca.crt");
}
