namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>The addresses of what the webhook reads and writes, below the API server's.</summary>
internal static class ApiPaths
{
    public static string Secrets(string @namespace) => $"api/v1/namespaces/{Of(@namespace)}/secrets";

    public static string Secret(string @namespace, string name) => $"{Secrets(@namespace)}/{Of(name)}";

    public static string Leases(string @namespace) => $"apis/coordination.k8s.io/v1/namespaces/{Of(@namespace)}/leases";

    public static string Lease(string @namespace, string name) => $"{Leases(@namespace)}/{Of(name)}";

    public static string Registration(string name) =>
        $"apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/{Of(name)}";

    /// <summary>A page of the pods that have not come to their end, in all namespaces.</summary>
    /// <param name="more">What the page before said is left; null for the first.</param>
    public static string Pods(int limit, string? more) =>
        $"api/v1/pods?limit={limit}&fieldSelector={Of("status.phase!=Succeeded,status.phase!=Failed")}"
        + (more is null ? "" : $"&continue={Of(more)}");

    public static string Pod(string @namespace, string name) => $"api/v1/namespaces/{Of(@namespace)}/pods/{Of(name)}";

    public static string Eviction(string @namespace, string name) => $"{Pod(@namespace, name)}/eviction";

    public static string Events(string @namespace) => $"api/v1/namespaces/{Of(@namespace)}/events";

    private static string Of(string text) => Uri.EscapeDataString(text);
}
