namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>
/// Where the API server is and what a pod shows it, as every pod finds it (kubernetes.io, "Accessing the API from within a
/// Pod"). The files are opened anew each time, because the kubelet replaces them.
/// </summary>
/// <param name="Address">https, with a slash at the end.</param>
/// <param name="TokenFile">The bearer token of the pod's service account.</param>
/// <param name="CaFile">PEM of the authorities that vouch for the API server.</param>
/// <param name="Namespace">The pod's own.</param>
internal sealed record ClusterAccess(Uri Address, string TokenFile, string CaFile, string Namespace)
{
    private const string Mount = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <param name="variable">Looks up a variable of the environment.</param>
    /// <param name="mount">The directory of the service account's files.</param>
    /// <returns>Null outside a cluster.</returns>
    /// <exception cref="InvalidDataException">The variables are there, but not as the kubelet sets them.</exception>
    /// <exception cref="IOException">The pod has no service account token.</exception>
    public static ClusterAccess? Find(Func<string, string?> variable, string mount = Mount)
    {
        var host = variable("KUBERNETES_SERVICE_HOST");
        var port = variable("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
            return null;
        var authority = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        if (!Uri.TryCreate($"https://{authority}:{port}/", UriKind.Absolute, out var address))
            throw new InvalidDataException("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no host and port");
        var @namespace = File.ReadAllText(Path.Combine(mount, "namespace")).Trim();
        return new ClusterAccess(address, Path.Combine(mount, "token"), Path.Combine(mount, "ca.crt"), @namespace);
    }
}
