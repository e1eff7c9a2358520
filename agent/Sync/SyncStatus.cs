using SidecarAgent.Agent.Files;

namespace SidecarAgent.Agent.Sync;

/// <summary>How things stand, for /readyz and the metrics. Names and fixed words only.</summary>
/// <param name="Current">What the application sees; null: nothing yet.</param>
/// <param name="Files">All that are wanted.</param>
/// <param name="MissingFiles">Those of them that are not there.</param>
/// <param name="Secrets">All that are wanted, sorted by path.</param>
internal sealed record SyncStatus(
    Generation? Current, IReadOnlyList<FilePath> Files, IReadOnlyList<MissingFile> MissingFiles, IReadOnlyList<SecretStatus> Secrets)
{
    public static readonly SyncStatus Unknown = new(null, [], [], []);

    /// <param name="before">Says since when files are missing that still are.</param>
    /// <param name="plan">What is wanted.</param>
    /// <param name="ledger">What is had.</param>
    /// <param name="projection">What is there.</param>
    /// <param name="now">For files that are missing only now.</param>
    public static SyncStatus Of(SyncStatus before, FilePlan plan, SecretLedger ledger, Projection projection, DateTimeOffset now) => new(
        projection.Current,
        [.. plan.Files.Select(file => file.Path)],
        [
            .. plan.Files
                .Where(file => !projection.Contains(file.Path))
                .Select(file => new MissingFile(
                    file.Path.Text,
                    [.. file.Secrets.Where(path => ledger[path].Standing is not SecretStanding.Held && !ledger.HasArrived(path))],
                    before.MissingFiles.FirstOrDefault(missing => missing.File == file.Path.Text)?.Since ?? now)),
        ],
        [.. ledger.All.Select(state => new SecretStatus(state.Path, state.Standing, state.Version, state.Problem))]);

    /// <summary>The same, with what has disappeared from the mount since.</summary>
    public SyncStatus LookedAtAgain(Projection projection) => this with
    {
        MissingFiles =
        [
            .. MissingFiles,
            .. Files
                .Where(path => !projection.Contains(path) && MissingFiles.All(missing => missing.File != path.Text))
                .Select(path => new MissingFile(path.Text, [], Since: null)),
        ],
    };
}

/// <param name="File">Below the mount.</param>
/// <param name="Secrets">What it waits for; empty: it could be made, and the first generation comes whole.</param>
/// <param name="Since">When that was first seen; null: it was there, and somebody other than the agent took it away.</param>
internal sealed record MissingFile(string File, IReadOnlyList<string> Secrets, DateTimeOffset? Since);

/// <param name="Path">The secret.</param>
/// <param name="Standing">Whether it is in the files.</param>
/// <param name="Version">On disk; 0: none.</param>
/// <param name="Problem">What the broker, or the rendering, has against it; null: nothing.</param>
internal sealed record SecretStatus(string Path, SecretStanding Standing, ulong Version, SecretProblem? Problem);
