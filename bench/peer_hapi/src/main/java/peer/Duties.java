// SPDX-License-Identifier: Apache-2.0
package peer;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.exceptions.AuthenticationException;
import ca.uhn.fhir.rest.server.exceptions.InternalErrorException;
import ca.uhn.fhir.rest.server.interceptor.auth.AuthorizationInterceptor;
import ca.uhn.fhir.rest.server.interceptor.auth.IAuthRule;
import ca.uhn.fhir.rest.server.interceptor.auth.PolicyEnum;
import ca.uhn.fhir.rest.server.interceptor.auth.RuleBuilder;
import ca.uhn.fhir.rest.server.interceptor.consent.ConsentOutcome;
import ca.uhn.fhir.rest.server.interceptor.consent.IConsentContextServices;
import ca.uhn.fhir.rest.server.interceptor.consent.IConsentService;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.hl7.fhir.instance.model.api.IBaseResource;

/**
 * What the exchange does beside answering, in the cheapest form HAPI has room for: a token that is compared, consent out of memory, and one row of
 * one table for each request (a transaction of twenty resources is one), committed before it is answered.
 */
final class Duties {
    private static final String TOKEN = "Bearer peer";

    private Duties() {}

    /** Everything to whoever has the token, nothing to anybody else. */
    static final class Token extends AuthorizationInterceptor {
        private static final List<IAuthRule> ALL = new RuleBuilder().allowAll().build();

        Token() {
            super(PolicyEnum.DENY);
        }

        @Override
        public List<IAuthRule> buildRuleList(RequestDetails details) {
            if (!TOKEN.equals(details.getHeader("Authorization"))) {
                throw new AuthenticationException("no token");
            }
            return ALL;
        }
    }

    /** Each resource that is given out is asked for among those whose person refused; nobody has. */
    static final class Denials implements IConsentService {
        private final Set<String> refused = ConcurrentHashMap.newKeySet();

        @Override
        public ConsentOutcome canSeeResource(
                RequestDetails details, IBaseResource resource, IConsentContextServices services) {
            return refused.contains(resource.getIdElement().getIdPart())
                    ? ConsentOutcome.REJECT
                    : ConsentOutcome.PROCEED;
        }
    }

    /** No answer without its row. */
    @Interceptor
    public static final class Record {
        private static final String ROW =
                "INSERT INTO peer_access (at, who, interaction, type, id) VALUES (clock_timestamp(), 'peer', ?, ?, ?)";
        private final DataSource source;

        Record(DataSource source) throws SQLException {
            this.source = source;
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute(
                        "CREATE TABLE IF NOT EXISTS peer_access (number bigserial PRIMARY KEY, at timestamptz,"
                                + " who text, interaction text, type text, id text)");
                connection.commit();
            }
        }

        @Hook(Pointcut.SERVER_OUTGOING_RESPONSE)
        public void record(RequestDetails details, IBaseResource answer) {
            try (Connection connection = source.getConnection();
                    PreparedStatement row = connection.prepareStatement(ROW)) {
                row.setString(1, String.valueOf(details.getRestOperationType()));
                row.setString(2, details.getResourceName());
                row.setString(3, details.getId() == null ? null : details.getId().getIdPart());
                row.executeUpdate();
                connection.commit();
            } catch (SQLException fault) {
                throw new InternalErrorException("not recorded", fault);
            }
        }
    }
}
