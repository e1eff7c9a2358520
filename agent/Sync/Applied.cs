using SidecarAgent.Agent.Files;
using SidecarAgent.Agent.Reload;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Sync;

/// <summary>What came of one set of updates, and what is still to be done about it.</summary>
internal sealed record Applied
{
    public static readonly Applied Nothing = new();

    /// <summary>The generation that was written; null: the files are as they were.</summary>
    public Generation? Written { get; init; }

    /// <summary>Whom to tell of it; empty: nobody.</summary>
    public IReadOnlyList<Notification> Tell { get; init; } = [];

    /// <summary>What to tell the broker afterwards.</summary>
    public IReadOnlyList<Acknowledgement> Acknowledge { get; init; } = [];

    /// <summary>Why the set was not applied, in one sentence; null: it was.</summary>
    public string? Rejected { get; init; }

    /// <summary>The set was right and could not be written: asking again later may help.</summary>
    public bool TryAgain { get; init; }
}
