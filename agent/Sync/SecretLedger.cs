using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Leases;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Sync;

/// <summary>Where the agent stands with every secret, and the values that have arrived and are not in the files yet.</summary>
internal sealed partial class SecretLedger(
    IEnumerable<WantedSecret> wanted, LeaseBook leases, TimeProvider time, Func<double> jitter, ILogger<SecretLedger> log)
{
    private readonly SortedDictionary<string, SecretState> _states =
        new(wanted.ToDictionary(secret => secret.Path, secret => new SecretState(secret)), StringComparer.Ordinal);

    private readonly Dictionary<string, ReceivedSecret> _arrived = new(StringComparer.Ordinal);

    public SecretState this[string path] => _states[path];

    public bool Knows(string path) => _states.ContainsKey(path);

    public IEnumerable<SecretState> All => _states.Values;

    /// <summary>Not in the files yet.</summary>
    public IReadOnlyCollection<ReceivedSecret> Arrived => _arrived.Values;

    public bool HasArrived(string path) => _arrived.ContainsKey(path);

    /// <summary>The values at hand: what has arrived, else what was kept.</summary>
    public SecretData? ValuesOf(string path) =>
        _arrived.TryGetValue(path, out var received) ? received.Data : _states[path].Values;

    /// <summary>Goes on with the leases of an earlier process.</summary>
    /// <param name="manifest">What it left behind.</param>
    /// <param name="filesAreThere">Whether its versions are on disk as this configuration wants them.</param>
    public void Resume(Manifest manifest, bool filesAreThere)
    {
        var together = jitter();
        foreach (var secret in manifest.Secrets.Where(secret => _states.ContainsKey(secret.Path)))
        {
            leases.Hold(secret.ToLease(together));
            if (filesAreThere)
                _states[secret.Path].Hold(secret.Version, values: null);
        }
    }

    /// <summary>An empty one over the same leases, for other secrets.</summary>
    public SecretLedger For(IEnumerable<WantedSecret> others) => new(others, leases, time, jitter, log);

    /// <summary>Zeroes all values; nothing of this ledger is needed any longer.</summary>
    public void Forget()
    {
        foreach (var received in _arrived.Values)
            received.Dispose();
        _arrived.Clear();
        foreach (var state in _states.Values)
            state.Forget();
    }

    /// <summary>What to ask the broker for.</summary>
    public IEnumerable<SecretRequest> Requests() => _states.Values.Select(state => state.AskAnew
        ? state.Wanted.Request(lease: null, heldVersion: 0)
        : state.Wanted.Request(leases.Find(state.Path)?.Id, state.Version));

    /// <summary>Asks for the values of what is held once more; the lease goes on.</summary>
    public SecretRequest RequestAgain(string path) => _states[path].Wanted.Request(leases.Find(path)?.Id, heldVersion: 0);

    /// <summary>Takes in what the broker says. Values wait in <see cref="Arrived"/>; the rest counts at once.</summary>
    public void Take(IEnumerable<SecretUpdate> updates)
    {
        var together = jitter();
        foreach (var update in updates)
        {
            if (_states.TryGetValue(update.Path, out var state))
                Take(state, update, together);
            else
                LogUnknown(log, update.Path);
        }
    }

    /// <summary>What has arrived is in the files now.</summary>
    public void Commit()
    {
        foreach (var received in _arrived.Values)
        {
            leases.Hold(received.Lease);
            _states[received.Path].Hold(received.Data.Version, received.Release());
        }

        _arrived.Clear();
    }

    /// <summary>What has arrived cannot be used; what was there before still is.</summary>
    public void Reject(string reason, string message)
    {
        foreach (var received in _arrived.Values)
        {
            _states[received.Path].Note(reason, message, time.GetUtcNow());
            received.Dispose();
        }

        _arrived.Clear();
    }

    private void Take(SecretState state, SecretUpdate update, double together)
    {
        switch (update.OutcomeCase)
        {
            case SecretUpdate.OutcomeOneofCase.Issued:
                Issue(state, update.Issued, together);
                break;
            case SecretUpdate.OutcomeOneofCase.Confirmed when state.Standing is SecretStanding.Held:
                state.Confirm();
                leases.Hold(HeldLease.From(state.Path, update.Confirmed.Lease ?? new Lease(), time.GetUtcNow(), together));
                break;
            case SecretUpdate.OutcomeOneofCase.Revoked:
                if (state.Note("REVOKED", update.Revoked.Message, time.GetUtcNow()))
                    LogRevoked(log, state.Path, update.Revoked.Message);
                TakeAway(state);
                break;
            case SecretUpdate.OutcomeOneofCase.Denied:
                Deny(state, update.Denied);
                break;
            case SecretUpdate.OutcomeOneofCase.Failed:
                if (state.Note("FAILED", update.Failed.Message, time.GetUtcNow()))
                    LogFailed(log, state.Path, update.Failed.Message);
                break;
            default:
                LogUnknown(log, update.Path);
                break;
        }
    }

    private void Issue(SecretState state, Issued issued, double together)
    {
        var received = ReceivedSecret.From(state.Path, issued, time.GetUtcNow(), together);
        if (_arrived.Remove(state.Path, out var older))
            older.Dispose();
        _arrived.Add(state.Path, received);
        state.AskAnew = false;
        // The lease of what is on disk is given up only when the new version is there: it may yet be rejected.
        if (state.Version == 0 || leases.Find(state.Path)?.Id == received.Lease.Id)
            leases.Hold(received.Lease);
    }

    private void Deny(SecretState state, Denied denied)
    {
        var reason = denied.Reason switch
        {
            Denied.Types.Reason.NoGrant => "NO_GRANT",
            Denied.Types.Reason.NotFound => "NOT_FOUND",
            Denied.Types.Reason.CutOff => "CUT_OFF",
            Denied.Types.Reason.FieldNotFound => "FIELD_NOT_FOUND",
            _ => "DENIED",
        };
        if (state.Note(reason, denied.Message, time.GetUtcNow()))
            LogDenied(log, state.Path, reason, denied.Message);
        // What is merely not there (any longer) leaves a credential that may go on working; these two say it must not be used.
        if (denied.Reason is Denied.Types.Reason.NoGrant or Denied.Types.Reason.CutOff)
            TakeAway(state);
    }

    private void TakeAway(SecretState state)
    {
        if (_arrived.Remove(state.Path, out var received))
            received.Dispose();
        leases.Drop(state.Path);
        state.TakeAway();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Secret} was revoked: {Reason}")]
    private static partial void LogRevoked(ILogger log, string secret, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Secret} is denied ({Kind}): {Reason}")]
    private static partial void LogDenied(ILogger log, string secret, string kind, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker could not serve {Secret} and will try again: {Reason}")]
    private static partial void LogFailed(ILogger log, string secret, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker said something about {Secret} that the agent did not ask or does not know; ignored")]
    private static partial void LogUnknown(ILogger log, string secret);
}
