using Google.Protobuf.Collections;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Api;

/// <summary>Checks what workloads send, and turns it into what it means.</summary>
internal static class WorkloadRequests
{
    public const int MaxItems = 128;
    private const int MaxReason = 512;

    /// <exception cref="RequestFailedException">The message names the field, what it had and what was expected.</exception>
    public static IReadOnlyList<Wish> Wishes(RepeatedField<SecretRequest> requests)
    {
        Require(requests.Count is >= 1 and <= MaxItems, $"secrets: 1 to {MaxItems} are allowed, got {requests.Count}");
        var wishes = new List<Wish>(requests.Count);
        var paths = new HashSet<SecretPath>();
        for (var i = 0; i < requests.Count; i++)
        {
            var name = $"secrets[{i}]";
            var path = Path(requests[i].Path, name);
            Require(paths.Add(path), $"{name}.path: {path} stands in the request twice");
            wishes.Add(new Wish(path, Fields(requests[i].Fields, name), Standing(requests[i], name)));
        }

        return wishes;
    }

    public static IReadOnlyList<string> LeaseIds(RepeatedField<string> ids)
    {
        Require(ids.Count is >= 1 and <= MaxItems, $"lease_ids: 1 to {MaxItems} are allowed, got {ids.Count}");
        for (var i = 0; i < ids.Count; i++)
            RequireLeaseId(ids[i], $"lease_ids[{i}]");
        return ids;
    }

    public static IReadOnlyList<NewVerdict> Verdicts(RepeatedField<Acknowledgement> acknowledgements)
    {
        var count = acknowledgements.Count;
        Require(count is >= 1 and <= MaxItems, $"acknowledgements: 1 to {MaxItems} are allowed, got {count}");
        return [.. acknowledgements.Select(Verdict)];
    }

    public static SecretPath Path(string text, string of = "")
    {
        var name = of.Length == 0 ? "path" : $"{of}.path";
        if (!SecretPath.TryParse(text, out var path, out var problem))
            throw Invalid($"{name}: {problem}");
        return path;
    }

    public static IReadOnlyList<string> Fields(RepeatedField<string> fields, string of = "")
    {
        var name = of.Length == 0 ? "fields" : $"{of}.fields";
        var most = SecretLimits.FieldsPerVersion;
        Require(fields.Count <= most, $"{name}: at most {most} are allowed, got {fields.Count}");
        foreach (var field in fields)
            RequireFieldName(field, name);
        return [.. fields.Distinct()];
    }

    /// <summary>A sentence by somebody else, for logs.</summary>
    public static string Sentence(string text, string name)
    {
        Require(text.Length <= MaxReason, $"{name}: at most {MaxReason} characters are allowed, got {text.Length}");
        Require(!text.Any(char.IsControl), $"{name}: control characters are not allowed");
        return text;
    }

    /// <summary>Version numbers are stored as signed 64-bit numbers.</summary>
    public static ulong Version(ulong number, string name)
    {
        Require(number <= long.MaxValue, $"{name}: at most {long.MaxValue} is allowed, got {number}");
        return number;
    }

    public static void RequireFieldName(string field, string name)
    {
        if (SecretLimits.ProblemOfFieldName(field) is { } problem)
            throw Invalid($"{name}: {problem}");
    }

    public static void Require(bool condition, string problem)
    {
        if (!condition)
            throw Invalid(problem);
    }

    public static RequestFailedException Invalid(string problem) => new(ErrorReason.RequestInvalid, problem);

    private static Standing Standing(SecretRequest request, string name)
    {
        Version(request.HeldVersion, $"{name}.held_version");
        if (request.LeaseId.Length == 0)
            return Leases.Standing.Nothing;
        RequireLeaseId(request.LeaseId, $"{name}.lease_id");
        return new Standing(new HeldVersion(request.LeaseId, request.HeldVersion, Fields: null));
    }

    private static NewVerdict Verdict(Acknowledgement acknowledgement, int index)
    {
        var name = $"acknowledgements[{index}]";
        RequireLeaseId(acknowledgement.LeaseId, $"{name}.lease_id");
        var reason = Sentence(acknowledgement.Reason, $"{name}.reason");
        switch (acknowledgement.Outcome)
        {
            case Acknowledgement.Types.Outcome.Applied:
                return new NewVerdict(acknowledgement.LeaseId, acknowledgement.Version, VerdictOutcome.Applied, null);
            case Acknowledgement.Types.Outcome.Rejected:
                Require(reason.Length > 0, $"{name}.reason: a rejection needs a reason");
                return new NewVerdict(acknowledgement.LeaseId, acknowledgement.Version, VerdictOutcome.Rejected, reason);
            default:
                throw Invalid($"{name}.outcome: expected APPLIED or REJECTED, got {(int)acknowledgement.Outcome}");
        }
    }

    public static void RequireLeaseId(string id, string name) =>
        Require(
            id.Length is >= 1 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'),
            $"{name}: a lease id has 1 to 64 letters, digits, '-' or '_'");
}
