using Grpc.Core;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Rotation;

/// <summary>A holder as an agent is one, without files: watches a secret, and says what became of its versions.</summary>
internal sealed class WatchingHolder(SecretBroker.SecretBrokerClient broker, string path) : IDisposable
{
    private readonly AsyncServerStreamingCall<WatchResponse> _watch = broker.Watch(Requests.Watch(path));
    private readonly List<SecretUpdate> _updates = [];

    public SecretUpdate First => _updates[0];

    public SecretUpdate Last => _updates[^1];

    public async Task<SecretUpdate> NextAsync()
    {
        _updates.Add(await _watch.NextUpdateAsync());
        return Last;
    }

    public async Task<SecretUpdate> AcknowledgeNextAsync()
    {
        var update = await NextAsync();
        await AcknowledgeAsync(update);
        return update;
    }

    public async Task AcknowledgeAsync(SecretUpdate update) => await broker.AcknowledgeAsync(Requests.Applied(update));

    public async Task RejectAsync(SecretUpdate update, string reason)
    {
        var request = Requests.Applied(update);
        request.Acknowledgements[0].Outcome = Acknowledgement.Types.Outcome.Rejected;
        request.Acknowledgements[0].Reason = reason;
        await broker.AcknowledgeAsync(request);
    }

    public async Task ReleaseAllAsync() => await broker.ReleaseAsync(
        new ReleaseRequest { LeaseIds = { _updates.Select(update => update.Issued.Lease.Id) } });

    public void Dispose() => _watch.Dispose();
}
