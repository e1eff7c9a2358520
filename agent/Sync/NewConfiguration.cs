using SidecarAgent.Agent.Connection;

namespace SidecarAgent.Agent.Sync;

/// <summary>A plan, and a connection where that changes too, which are to take the place of the present ones.</summary>
/// <param name="plan">What is wanted.</param>
/// <param name="line">Null: the present connection stays. Disposed, with its token, if it does not get the place.</param>
internal sealed class NewConfiguration(FilePlan plan, BrokerLine? line)
{
    private readonly TaskCompletionSource<string?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FilePlan Plan { get; } = plan;

    public BrokerLine? Line { get; } = line;

    /// <summary>Null: it is in use. Else why the old one stays, in one sentence.</summary>
    public Task<string?> Outcome => _outcome.Task;

    public void Adopted() => _outcome.TrySetResult(null);

    public void Refused(string why)
    {
        Line?.Dispose();
        Line?.Token.Dispose();
        _outcome.TrySetResult(why);
    }
}
