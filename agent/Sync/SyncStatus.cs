using SidecarAgent.Agent.Files;

namespace SidecarAgent.Agent.Sync;

/// <summary>How things stand, for /readyz and the metrics. Names and fixed words only.</summary>
/// <param name="Current">What the application sees; null: nothing yet.</param>
/// <param name="MissingFiles">Files that are wanted and not there.</param>
/// <param name="Secrets">All that are wanted, sorted by path.</param>
internal sealed record SyncStatus(
    Generation? Current, IReadOnlyList<MissingFile> MissingFiles, IReadOnlyList<SecretStatus> Secrets)
{
    public static SyncStatus Of(FilePlan plan, SecretLedger ledger, Projection projection) => new(
        projection.Current,
        [
            .. plan.Files
                .Where(file => !projection.Contains(file.Path))
                .Select(file => new MissingFile(
                    file.Path.Text, [.. file.Secrets.Where(path => ledger[path].Standing is not SecretStanding.Held && !ledger.HasArrived(path))])),
        ],
        [.. ledger.All.Select(state => new SecretStatus(state.Path, state.Standing, state.Version, state.Problem))]);
}

/// <param name="File">Below the mount.</param>
/// <param name="Secrets">What it waits for; empty: it could be made, and the first generation comes whole.</param>
internal sealed record MissingFile(string File, IReadOnlyList<string> Secrets);

/// <param name="Path">The secret.</param>
/// <param name="Standing">Whether it is in the files.</param>
/// <param name="Version">On disk; 0: none.</param>
/// <param name="Problem">What the broker, or the rendering, has against it; null: nothing.</param>
internal sealed record SecretStatus(string Path, SecretStanding Standing, ulong Version, SecretProblem? Problem);
