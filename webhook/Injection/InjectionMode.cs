namespace SidecarAgent.Webhook.Injection;

/// <summary>How the agent lives in the pod.</summary>
internal enum InjectionMode
{
    /// <summary>A native sidecar: an init container with <c>restartPolicy: Always</c> (Kubernetes 1.29). The default.</summary>
    Sidecar,

    /// <summary>An init container that writes the files once and ends.</summary>
    Init,

    /// <summary>An init container that writes the files, and an ordinary container that keeps them fresh.</summary>
    Classic,
}
