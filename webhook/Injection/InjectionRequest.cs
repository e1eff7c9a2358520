namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// What the annotations of one pod ask for. Null means that the pod does not say, so that the webhook's configuration
/// decides. Values are valid in themselves; whether they fit the pod is not known here.
/// </summary>
internal sealed record InjectionRequest
{
    public IReadOnlyList<RequestedFile> Files { get; init; } = [];

    public InjectionMode Mode { get; init; }

    /// <summary>Whether the agent comes before all other init containers.</summary>
    public bool First { get; init; } = true;

    /// <summary>Where the pod wants the files; null: <see cref="DefaultMountPath"/>.</summary>
    public string? MountPath { get; init; }

    public required string DefaultMountPath { get; init; }

    /// <summary>The only containers that get the mount; null: all.</summary>
    public IReadOnlyList<string>? Containers { get; init; }

    public Notification? Notify { get; init; }

    /// <summary>Whether the files stay when the broker takes a secret away.</summary>
    public bool KeepOnRevoke { get; init; }

    public long? RunAsUser { get; init; }

    public long? RunAsGroup { get; init; }

    public ResourceChoices Resources { get; init; } = new(null, null, null, null);

    /// <summary>Size limit of the memory volume; null: 1Mi.</summary>
    public Quantity? VolumeSize { get; init; }

    /// <summary>Seconds that a workload token lives.</summary>
    public int TokenExpiration { get; init; } = 3600;

    public string LogLevel { get; init; } = "info";

    /// <summary>Where the agent serves its metrics and probes; null: the first port from 9464 that the pod does not name.</summary>
    public int? MetricsPort { get; init; }

    public string? Broker { get; init; }

    public string? Image { get; init; }

    public string? Audience { get; init; }

    /// <summary>Whether a running agent has to signal a process. An init container ends before anything could change.</summary>
    public bool Signals =>
        Mode != InjectionMode.Init && (Notify is { IsSignal: true } || Files.Any(file => file.Notify is { IsSignal: true }));
}
