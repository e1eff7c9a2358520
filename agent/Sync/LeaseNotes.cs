using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Files;
using SidecarAgent.Agent.Leases;

namespace SidecarAgent.Agent.Sync;

/// <summary>
/// Notes renewals in the manifest of the current generation, so that an agent that starts again knows how long its leases
/// live. One small file is replaced; the application's files and <c>..data</c> are not touched.
/// </summary>
internal sealed partial class LeaseNotes(LeaseBook book, Projection projection, TimeProvider time, ILogger<LeaseNotes> log)
{
    /// <summary>The answers of one moment make one note.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private bool _failed;

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = book.Changed;
            Note();
            await changed.WaitAsync(cancellationToken);
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private void Note()
    {
        try
        {
            var present = projection.ReadManifest();
            if (Manifest.Parse(present) is { } manifest && manifest.With(book) is var next && !next.SaysAs(manifest))
                projection.ReplaceManifest(present, next.ToJson());
            _failed = false;
        }
        catch (MountException error)
        {
            // The next answer tries again; what is noted is merely older.
            if (!_failed)
                LogNotNoted(log, error.Message);
            _failed = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The renewal of leases could not be noted beside the files: {Problem}. After a restart their ends would be shown too early; logged once until it works")]
    private static partial void LogNotNoted(ILogger log, string problem);
}
