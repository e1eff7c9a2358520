using SidecarAgent.Agent.Rendering;

namespace SidecarAgent.Agent.Sync;

/// <summary>What the sync knows about one secret. Used by the sync alone, except <see cref="AskAnew"/>.</summary>
internal sealed class SecretState(WantedSecret wanted)
{
    private volatile bool _askAnew;

    public WantedSecret Wanted { get; } = wanted;

    public string Path => Wanted.Path;

    public SecretStanding Standing { get; private set; }

    /// <summary>The version that the files are made of; 0: none.</summary>
    public ulong Version { get; private set; }

    /// <summary>The values of <see cref="Version"/>, where they are kept; see <see cref="WantedSecret.IsShared"/>.</summary>
    public SecretData? Values { get; private set; }

    /// <summary>What the broker last said against it; null: nothing.</summary>
    public SecretProblem? Problem { get; private set; }

    /// <summary>Its lease cannot go on: the next request must not name it. Set by the renewal, from another thread.</summary>
    public bool AskAnew
    {
        get => _askAnew;
        set => _askAnew = value;
    }

    /// <summary>The files are of this version now.</summary>
    /// <param name="version">On disk.</param>
    /// <param name="values">Owned from now on; null: not at hand.</param>
    public void Hold(ulong version, SecretData? values)
    {
        Forget();
        Standing = SecretStanding.Held;
        Version = version;
        Problem = null;
        if (Wanted.IsShared)
            Values = values;
        else
            values?.Dispose();
    }

    public void Confirm()
    {
        Problem = null;
        AskAnew = false;
    }

    public void TakeAway()
    {
        Forget();
        Standing = Standing is SecretStanding.Awaited ? SecretStanding.Awaited : SecretStanding.TakenAway;
        Version = 0;
    }

    /// <returns>Whether it is news: another reason than before.</returns>
    public bool Note(string reason, string message, DateTimeOffset now)
    {
        if (Problem is { } same && same.Reason == reason && same.Message == message)
            return false;
        Problem = new SecretProblem(reason, message, now);
        return true;
    }

    /// <summary>Zeroes the values that are kept.</summary>
    public void Forget()
    {
        Values?.Dispose();
        Values = null;
    }
}
