using System.Globalization;
using System.Text.Json.Nodes;
using SidecarAgent.Quickstart.Installation;

namespace SidecarAgent.Quickstart.Demonstration;

/// <summary>What the broker knows of a rotation with one holder. Times are by the broker's clock, to the millisecond.</summary>
internal sealed record RotationTiming(long Version, DateTimeOffset ActivatedAt, DateTimeOffset AcknowledgedAt)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks until the holder has acknowledged the active version.</summary>
    /// <exception cref="InstallationException">It has not in time.</exception>
    public static async Task<RotationTiming> ReadAsync(
        Command sidecarctl, string path, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var secret = (await AskAsync(sidecarctl, cancellationToken, "secret", "list", path)).Single()!;
        var version = (long)secret["activeVersion"]!;
        while (true)
        {
            var holders = await AskAsync(sidecarctl, cancellationToken, "holders", path);
            if (holders.FirstOrDefault(holder => (long)holder!["version"]! == version) is { } holder
                && (string?)holder["outcome"] == "applied")
                return new RotationTiming(version, Moment(secret["activatedAt"]), Moment(holder["acknowledgedAt"]));
            if (time.GetElapsedTime(began) > patience)
                throw new InstallationException($"nobody has acknowledged version {version} of {path}");
            await Task.Delay(BetweenLooks, time, cancellationToken);
        }
    }

    private static async Task<JsonArray> AskAsync(
        Command sidecarctl, CancellationToken cancellationToken, params string[] arguments) =>
        JsonNode.Parse(await sidecarctl.RunAsync(cancellationToken, [.. arguments, "--output", "json"]))!.AsArray();

    private static DateTimeOffset Moment(JsonNode? text) =>
        DateTimeOffset.Parse((string)text!, CultureInfo.InvariantCulture);
}
