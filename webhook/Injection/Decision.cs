using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Patch;
using SidecarAgent.Webhook.Plaintext;

namespace SidecarAgent.Webhook.Injection;

/// <summary>What happens to one pod. <see cref="Reason"/> names why, in a word that metrics can carry.</summary>
internal abstract record Decision(string Reason)
{
    /// <summary>Secrets that the pod carries in the open; none if nobody looked for them.</summary>
    public IReadOnlyList<PlaintextFinding> Findings { get; init; } = [];

    /// <summary>The pod is changed.</summary>
    /// <param name="Before">The pod as it came in.</param>
    /// <param name="Plan">What is added to it.</param>
    /// <param name="Warnings">What is allowed but may not be meant, a sentence each.</param>
    public sealed record Inject(PodTree Before, InjectionPlan Plan, IReadOnlyList<string> Warnings) : Decision("requested")
    {
        public IReadOnlyList<PatchOperation> Patch { get; } = Plan.PatchOf(Before);

        /// <summary>The changed pod, made anew.</summary>
        public JsonObject After()
        {
            var pod = JsonObject.Create(Before.Root.Clone())!;
            PatchOperation.ApplyAll(pod, Patch);
            return pod;
        }
    }

    /// <summary>The pod is let through as it is.</summary>
    public sealed record Skip(SkipReason Why) : Decision(Why.Name);

    /// <summary>The pod must not be created.</summary>
    /// <param name="Why">The kind of the first and gravest problem.</param>
    /// <param name="Problems">All that is wrong, a sentence each.</param>
    public sealed record Reject(RejectReason Why, IReadOnlyList<string> Problems) : Decision(Why.Name)
    {
        /// <summary>So many problems are named in a message.</summary>
        public const int MaxShown = 20;

        public Reject(RejectReason why, string problem)
            : this(why, [problem])
        {
        }

        /// <summary>All in one line, as events and <c>kubectl</c> show it.</summary>
        public string Message => Problems.Count == 1
            ? Problems[0]
            : $"{Problems.Count} problems: "
                + string.Join("; ", Problems.Take(MaxShown).Select((problem, i) => $"({i + 1}) {problem}"))
                + (Problems.Count > MaxShown ? $"; and {Problems.Count - MaxShown} more" : "");
    }
}

/// <summary>Why a pod is let through as it is.</summary>
internal sealed record SkipReason(string Name, string Sentence)
{
    public static readonly SkipReason NotRequested =
        new("not-requested", $"the pod has no annotation {Annotations.Prefix}{Annotations.Inject}");

    public static readonly SkipReason SwitchedOff =
        new("switched-off", $"the annotation {Annotations.Prefix}{Annotations.Inject} is \"false\"");

    public static readonly SkipReason AlreadyInjected =
        new("already-injected", "the agent is in the pod already");

    public static readonly SkipReason StaticPod =
        new("static-pod", "the pod mirrors a static pod, which no webhook can change");

    public static readonly SkipReason NotANewPod =
        new("not-a-new-pod", "only the creation of pods is of interest");
}

/// <summary>Why a pod must not be created, and the HTTP status that says so to who asked for it.</summary>
internal sealed record RejectReason(string Name, int Status, string StatusReason)
{
    /// <summary>An annotation cannot be used.</summary>
    public static readonly RejectReason BadAnnotation = new("bad-annotation", 422, "Invalid");

    /// <summary>An annotation asks for what the trust policy does not allow.</summary>
    public static readonly RejectReason NotTrusted = new("not-trusted", 403, "Forbidden");

    /// <summary>The pod carries secrets in the open, where that is denied.</summary>
    public static readonly RejectReason Plaintext = new("plaintext", 403, "Forbidden");

    /// <summary>What is asked for cannot work in this pod.</summary>
    public static readonly RejectReason Conflict = new("conflict", 422, "Invalid");

    /// <summary>What was sent as a pod is none.</summary>
    public static readonly RejectReason NotAPod = new("not-a-pod", 422, "Invalid");

    /// <summary>A mistake of the webhook itself.</summary>
    public static readonly RejectReason Crash = new("crash", 500, "InternalError");
}
