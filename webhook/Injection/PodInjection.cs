using System.Text;
using System.Text.Json;
using SidecarAgent.Webhook.Plaintext;
using SidecarAgent.Webhook.Vault;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// Decides about one pod, and what is added to it. Pure: the same pod and settings always give the same decision, and
/// the pod that came in is not touched.
/// </summary>
internal static class PodInjection
{
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";

    private static readonly Quantity DefaultVolumeSize = Quantity.Parse("1Mi");

    /// <param name="root">A pod, or the template of one.</param>
    /// <param name="namespace">Where the pod is to be; a new pod does not always say so itself.</param>
    /// <param name="settings">The operator's part.</param>
    public static Decision Decide(JsonElement root, string @namespace, InjectionSettings settings)
    {
        if (!PodTree.TryRead(root, out var pod, out var shapeProblem))
            return Asks(root) ? new Decision.Reject(RejectReason.NotAPod, shapeProblem) : new Decision.Skip(SkipReason.NotRequested);
        var annotations = VaultTranslation.Of(pod, settings.Vault);
        if (Skip(pod, annotations.Inject) is { } skip)
            return skip;

        var parsed = InjectionRequestParser.Parse(annotations);
        var plan = Plan(pod, parsed.Request, settings);
        var action = settings.Plaintext.For(@namespace);
        var findings = action is PlaintextAction.Off ? [] : PlaintextScan.Find(pod, settings.Plaintext);
        var exposures = findings.Select(finding => finding.Sentence).ToList();
        var problems = new Problems(
            parsed.Problems,
            [.. settings.Trust.Violations(@namespace, parsed.Request)],
            parsed.PlacementKnown ? plan.Problems : [],
            action is PlaintextAction.Deny ? exposures : []);
        if (problems.Gravest is { } why)
            return new Decision.Reject(why, problems.All) { Findings = findings };

        return new Decision.Inject(pod, plan, [.. annotations.Warnings, .. Warnings.About(pod, plan), .. exposures])
        {
            Findings = findings,
        };
    }

    /// <summary>
    /// What keeps a pod from being injected. Gravest is what is not allowed: who asks for it is counted as such even if
    /// something else is wrong, too; then what is wrong, before what cannot be.
    /// </summary>
    private sealed record Problems(
        IReadOnlyList<string> Annotations,
        IReadOnlyList<string> Violations,
        IReadOnlyList<string> Conflicts,
        IReadOnlyList<string> Exposures)
    {
        public IReadOnlyList<string> All => [.. Annotations, .. Violations, .. Conflicts, .. Exposures];

        public RejectReason? Gravest =>
            Violations.Count > 0 ? RejectReason.NotTrusted
            : Annotations.Count > 0 ? RejectReason.BadAnnotation
            : Conflicts.Count > 0 ? RejectReason.Conflict
            : Exposures.Count > 0 ? RejectReason.Plaintext
            : null;
    }

    private static Decision.Skip? Skip(PodTree pod, string? inject)
    {
        if (inject is null)
            return new Decision.Skip(SkipReason.NotRequested);
        if (inject is "false")
            return new Decision.Skip(SkipReason.SwitchedOff);
        if (pod.Annotations.ContainsKey(MirrorAnnotation))
            return new Decision.Skip(SkipReason.StaticPod);
        return IsInjected(pod) ? new Decision.Skip(SkipReason.AlreadyInjected) : null;
    }

    /// <summary>
    /// Another webhook changed the pod after us, and the API server asks again; or somebody creates a pod from a copy of an
    /// injected one. The mark alone is not believed.
    /// </summary>
    private static bool IsInjected(PodTree pod) =>
        pod.Annotations.GetValueOrDefault(Annotations.Prefix + Annotations.Status) is Annotations.Injected
        && pod.Containers.Concat(pod.InitContainers).Any(container => container.Name is AgentContainer.Name or AgentContainer.InitName)
        && pod.Volumes.Any(volume => PodTree.Name(volume) is AgentContainer.SecretsVolume)
        && pod.Volumes.Any(volume => PodTree.Name(volume) is AgentContainer.TokenVolume);

    /// <summary>Whether something that is not a pod wants to be injected all the same.</summary>
    private static bool Asks(JsonElement root) =>
        PodTree.Member(PodTree.Member(PodTree.Member(root, "metadata"), "annotations"), Annotations.Prefix + Annotations.Inject) is var inject
        && !PodTree.IsAbsent(inject)
        && inject.ToString() is not "false";

    private static InjectionPlan Plan(PodTree pod, InjectionRequest request, InjectionSettings settings)
    {
        var mountPath = request.MountPath ?? request.DefaultMountPath;
        var resources = request.Resources.Over(settings.Agent.Resources);
        var volumeSize = request.VolumeSize ?? DefaultVolumeSize;
        var mounts = MountPlan.For(pod, request, mountPath);
        var signals = SignalPlan.For(pod, request, mounts);
        var port = PortPlan.Choose(pod, request, out var portProblem);
        var configuration = AgentConfiguration.Write(request, settings.Broker, mountPath, port);

        List<string> problems =
        [
            .. PodConflicts.Find(pod, request, resources, volumeSize), .. mounts.Problems, .. signals.Problems,
        ];
        if (portProblem is not null)
            problems.Add(portProblem);
        var bytes = Encoding.UTF8.GetByteCount(configuration);
        if (bytes > AgentConfiguration.MaxBytes)
            problems.Add($"the agent's configuration would be {bytes} bytes, and Linux passes at most "
                + $"{AgentConfiguration.MaxBytes} in a variable; make the templates shorter");

        var agent = new AgentContainer
        {
            Image = request.Image ?? settings.Agent.Image,
            PullPolicy = settings.Agent.PullPolicy,
            Resources = resources,
            User = request.RunAsUser ?? signals.User ?? settings.Agent.RunAsUser,
            Group = request.RunAsGroup ?? settings.Agent.RunAsGroup,
            MountPath = mountPath,
            Port = port,
            Configuration = configuration,
        };
        return new InjectionPlan(request, agent, mounts, signals, problems)
        {
            VolumeSize = volumeSize,
            Audience = request.Audience ?? settings.Broker.Audience,
        };
    }
}
