using Google.Protobuf.Collections;
using SidecarAgent.Broker.Policy;
using SidecarAgent.V1;
using SidecarAgent.Yaml;

using static SidecarAgent.Broker.Api.WorkloadRequests;

namespace SidecarAgent.Broker.Api;

/// <summary>Policies that an operator sends, and what is said of them.</summary>
internal static class PolicyRequests
{
    /// <summary>Less than a request may have.</summary>
    public const int MaxBytes = 900 * 1024;

    public static IReadOnlyList<PolicyFile> Files(RepeatedField<PolicyText> files)
    {
        Require(files.Count <= PolicyDirectory.MaxFiles, $"files: at most {PolicyDirectory.MaxFiles} are allowed, got {files.Count}");
        var size = files.Sum(file => file.CalculateSize());
        Require(size <= MaxBytes, $"files: at most {MaxBytes} bytes together are allowed, got {size}");
        foreach (var file in files)
            Require(file.Name.Length is > 0 and <= 255 && !file.Name.Any(char.IsControl), "files: a file's name has 1 to 255 characters");
        return [.. files.Select(file => new PolicyFile(file.Name, file.Text))];
    }

    public static PolicyProblem Problem(YamlProblem problem) => new()
    {
        File = problem.File,
        Line = (ulong)problem.Line,
        Column = (ulong)problem.Column,
        Message = problem.Message,
    };

    public static V1.PolicyLoss Loss(Policy.PolicyLoss loss) => new()
    {
        Workload = Responses.Workload(new(loss.Workload.Issuer, loss.Workload.Namespace, loss.Workload.ServiceAccount)),
        Path = loss.Path.ToString(),
        Fields = { loss.Fields },
        Leases = (uint)loss.Leases,
        Reason = loss.Reason,
    };
}
