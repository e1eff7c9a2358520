using CsCheck;
using SidecarAgent.Webhook.Certificates;
using SidecarAgent.Webhook.Tests.Kit;
using SidecarAgent.Webhook.Tls;

namespace SidecarAgent.Webhook.Tests.Certificates;

/// <summary>
/// The rules alone, in a world of two replicas that both believe they may write, are stopped between any two of their steps,
/// crash, and whose Secret is thrown away. Whatever the order, no replica may answer with what API servers do not trust.
/// </summary>
public sealed class InterleavingTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void No_order_of_steps_and_crashes_makes_a_replica_answer_with_what_is_not_trusted() =>
        Gen.Int[0, 15].Array[40, 120].Sample(
            events =>
            {
                var world = new World();
                foreach (var happening in events)
                {
                    world.Happen(happening);
                    world.AssertTrusted();
                }

                world.Settle();
            },
            iter: 100);

    private sealed class World
    {
        private readonly Actor[] _actors;
        private CertificateSecret _secret;
        private WebhookRegistration _registration;
        private int _secretVersion;
        private int _registrationVersion;
        private int _thrownAway;

        /// <summary>An authority that is due to be replaced, and replicas that answer with a leaf of it.</summary>
        public World()
        {
            var authority = Issuer.Authority(Start.AddDays(-244));
            _secret = new CertificateSecret { Authority = authority, Leaf = Issuer.Leaf(authority, [Registrations.DnsName], Start.AddDays(-2)) };
            _registration = Registrations.Trusting(authority.Certificate);
            _actors = [new Actor(this), new Actor(this)];
            LookAround();
        }

        private DateTimeOffset Now { get; set; } = Start;

        public void Happen(int happening)
        {
            switch (happening)
            {
                case < 6:
                    _actors[0].Go();
                    break;
                case < 12:
                    _actors[1].Go();
                    break;
                case 12:
                    Now += TimeSpan.FromSeconds(70);
                    break;
                case 13:
                    _actors[_secretVersion % 2].Crash();
                    break;
                case 14 when _thrownAway++ < 2:
                    _secret = CertificateSecret.Empty;
                    _secretVersion++;
                    break;
                default:
                    // No replica is left behind for a day: both look, then time goes on.
                    LookAround();
                    Now += TimeSpan.FromHours(20);
                    LookAround();
                    break;
            }
        }

        public void AssertTrusted()
        {
            foreach (var serving in _actors.Select(actor => actor.Authority).OfType<CertifiedKey>())
                Assert.True(_registration.Trusts(serving), $"{serving} is not trusted at {Now:u}");
        }

        /// <summary>With nothing in the way, it comes to rest: both answer with the same valid leaf, and one authority is trusted.</summary>
        public void Settle()
        {
            for (var day = 0; day < 4; day++)
            {
                for (var round = 0; round < 12; round++)
                {
                    LookAround();
                    Now += TimeSpan.FromSeconds(15);
                }

                Now += TimeSpan.FromHours(20);
            }

            LookAround();
            Assert.Equal(_secret.Leaf!.Certificate.Thumbprint, _actors[0].Certificate.Thumbprint);
            Assert.Equal(_secret.Leaf!.Certificate.Thumbprint, _actors[1].Certificate.Thumbprint);
            Assert.True(_actors[0].Certificate.IsValidAt(Now));
            Assert.True(_registration.TrustsExactly([_secret.Authority!.Certificate]));
        }

        private void LookAround()
        {
            for (var i = 0; i < 8; i++)
            {
                foreach (var actor in _actors)
                    actor.GoOnce();
            }
        }

        /// <summary>A replica, which can be stopped wherever its loop awaits something.</summary>
        private sealed class Actor(World world)
        {
            private IEnumerator<bool>? _at;
            private (string Authorities, DateTimeOffset Since)? _trusted;

            public ServerCertificate Certificate { get; private set; } = new();

            public CertifiedKey? Authority { get; private set; }

            public void Go()
            {
                _at ??= Round().GetEnumerator();
                if (!_at.MoveNext())
                    _at = null;
            }

            public void GoOnce()
            {
                do
                    Go();
                while (_at is not null);
            }

            public void Crash() => (_at, _trusted, Certificate, Authority) = (null, null, new ServerCertificate(), null);

            private IEnumerable<bool> Round()
            {
                var (registration, registrationVersion) = (world._registration, world._registrationVersion);
                yield return true;
                var (secret, secretVersion) = (world._secret, world._secretVersion);
                yield return true;
                if (ServingRule.Change(secret, registration, Certificate, world.Now) is { } leaf)
                {
                    Certificate.Use(leaf.Certificate, []);
                    Authority = secret.Authority;
                }

                var facts = new RenewalFacts(world.Now, secret, registration, TrustedFor(secret, registration), Certificate.IsValidAt(world.Now));
                var step = RenewalRule.Decide(facts);
                yield return true;
                if (step is RenewalStep.Announce announce)
                {
                    if (world._registrationVersion == registrationVersion)
                        (world._registration, world._registrationVersion) = (Registrations.Trusting(announce.Authorities), registrationVersion + 1);
                }
                else if (Written(step, facts.Now) is { } written && world._secretVersion == secretVersion)
                {
                    (world._secret, world._secretVersion) = (written, secretVersion + 1);
                }
            }

            private static CertificateSecret? Written(RenewalStep step, DateTimeOffset now) => step switch
            {
                RenewalStep.Prepare prepare => prepare.Keep with { Next = Issuer.Authority(now) },
                RenewalStep.Issue issue => issue.Keep with { Leaf = Issuer.Leaf(issue.Keep.Authority!, issue.DnsNames, now) },
                RenewalStep.Tidy tidy => tidy.Keep,
                _ => null,
            };

            private TimeSpan TrustedFor(CertificateSecret secret, WebhookRegistration registration)
            {
                var authorities = string.Join(' ', secret.Trusted.Select(certificate => certificate.Thumbprint));
                if (!registration.TrustsExactly(secret.Trusted))
                    _trusted = null;
                else if (_trusted?.Authorities != authorities)
                    _trusted = (authorities, world.Now);
                return _trusted is { } trusted ? world.Now - trusted.Since : TimeSpan.Zero;
            }
        }
    }
}
