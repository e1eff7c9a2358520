using CsCheck;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Policy;

namespace SidecarAgent.Broker.Tests.Policy;

public class PolicyIndexTests
{
    private static readonly Gen<string> Pattern = Any("a", "b", "ab", "*", "a*", "*b");

    private static readonly Gen<AccessPolicy> Policy = Gen.Select(Gen.Int, Gen.Select(Pattern, Pattern).Array[1, 3],
        (number, subjects) => new AccessPolicy(
            $"p{number}", "test.yaml", [.. subjects.Select(names => new Subject.OfKubernetes(null, Segment(names.Item1), Segment(names.Item2)))], []));

    [Fact]
    public void It_finds_what_looking_at_every_policy_finds_in_the_same_order() =>
        Gen.Select(Policy.Array[0, 8], Any("a", "b", "ab", "c"), Any("a", "b", "c")).Sample(
            (policies, namespaceName, serviceAccount) =>
            {
                var caller = new Workload("https://issuer", namespaceName, serviceAccount);
                Assert.Equal(policies.Where(policy => policy.IsAbout(caller)), new PolicyIndex(policies).About(caller));
            });

    private static Gen<string> Any(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static SegmentPattern Segment(string text) =>
        SegmentPattern.TryParse(text, out var pattern, out var problem) ? pattern : throw new FormatException(problem);
}
