using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Files;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Sync;

/// <content>How a new plan takes the place of the present one: whole, with all of its files, or not at all.</content>
internal sealed partial class SecretSync
{
    /// <summary>
    /// Fetches what the plan needs, under the leases that are held, and writes its files as one generation. While that does
    /// not work the old plan, its files and its leases stay.
    /// </summary>
    /// <param name="plan">The new one.</param>
    /// <param name="line">Whom to ask; null: the present broker.</param>
    /// <param name="cancellationToken">Throws; nothing has changed then.</param>
    /// <exception cref="Grpc.Core.RpcException">The broker could not be asked.</exception>
    /// <exception cref="TokenException">The same.</exception>
    public async Task<Adoption> AdoptAsync(FilePlan plan, BrokerLine? line, CancellationToken cancellationToken)
    {
        if (line is null && plan.Fingerprint == _plan.Fingerprint)
        {
            // The same files of the same secrets: whom to tell, and what becomes of revoked ones, needs no broker.
            _plan = plan;
            Look();
            return new Adoption(Applied.Nothing, Refused: null, Surplus: []);
        }

        var request = new FetchRequest
        {
            Secrets = { plan.Secrets.Select(secret => secret.Request(_leases.Find(secret.Path)?.Id, heldVersion: 0)) },
        };
        var answer = line is null
            ? await _broker.FetchAsync(request, cancellationToken)
            : await _broker.FetchAsync(line, request, cancellationToken);
        return Refusal(plan, answer) is { } refusal ? Refuse(refusal, answer) : Adopt(plan, answer);
    }

    private Adoption Adopt(FilePlan plan, FetchResponse answer)
    {
        var (oldPlan, oldLedger, wasMine) = (_plan, _ledger, _isMine);
        var held = _leases.All();
        (_plan, _ledger, _isMine) = (plan, oldLedger.For(plan.Secrets), false);
        _ledger.Take(answer.Updates);
        try
        {
            var applied = Write(Fates());
            oldLedger.Forget();
            var surplus = held.Where(lease => _leases.Find(lease.Path)?.Id != lease.Id || !_ledger.Knows(lease.Path)).ToList();
            foreach (var lease in surplus.Where(lease => !_ledger.Knows(lease.Path)))
                _leases.Drop(lease.Path);
            Look();
            return new Adoption(applied, Refused: null, [.. surplus.Select(lease => lease.Id)]);
        }
        catch (Exception error) when (error is RenderException or MountException)
        {
            _ledger.Forget();
            (_plan, _ledger, _isMine) = (oldPlan, oldLedger, wasMine);
            foreach (var path in plan.Secrets.Select(secret => secret.Path).Where(path => !oldLedger.Knows(path)))
                _leases.Drop(path);
            return Refuse(error.Message, answer);
        }
    }

    /// <summary>With the leases that were given for secrets that only the new plan would have needed.</summary>
    private Adoption Refuse(string why, FetchResponse answer) => new(Applied.Nothing, why,
    [
        .. answer.Updates
            .Where(update => update.OutcomeCase is SecretUpdate.OutcomeOneofCase.Issued && !_ledger.Knows(update.Path))
            .Select(update => update.Issued.Lease?.Id ?? "").Where(id => id.Length > 0),
    ]);

    private static string? Refusal(FilePlan plan, FetchResponse answer)
    {
        var byPath = answer.Updates.DistinctBy(update => update.Path).ToDictionary(update => update.Path, StringComparer.Ordinal);
        return plan.Secrets.Select(secret => byPath.GetValueOrDefault(secret.Path) switch
        {
            { OutcomeCase: SecretUpdate.OutcomeOneofCase.Issued } => null,
            { OutcomeCase: SecretUpdate.OutcomeOneofCase.Denied } denied => $"{secret.Path} is denied: {denied.Denied.Message}",
            { OutcomeCase: SecretUpdate.OutcomeOneofCase.Revoked } revoked => $"{secret.Path} was revoked: {revoked.Revoked.Message}",
            { OutcomeCase: SecretUpdate.OutcomeOneofCase.Failed } failed => $"the broker could not serve {secret.Path}: {failed.Failed.Message}",
            _ => $"the broker did not give the values of {secret.Path}",
        }).FirstOrDefault(problem => problem is not null);
    }
}
