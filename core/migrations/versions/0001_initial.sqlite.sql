CREATE TABLE ab_group (
    id INTEGER NOT NULL,
    name VARCHAR(100) NOT NULL,
    label VARCHAR(150),
    description VARCHAR(512),
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE ab_permission (
    id INTEGER NOT NULL,
    name VARCHAR(100) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE ab_register_user (
    id INTEGER NOT NULL,
    first_name VARCHAR(64) NOT NULL,
    last_name VARCHAR(64) NOT NULL,
    username VARCHAR(128) NOT NULL,
    password VARCHAR(256),
    email VARCHAR(320) NOT NULL,
    registration_date DATETIME,
    registration_hash VARCHAR(256),
    PRIMARY KEY (id),
    UNIQUE (username),
    UNIQUE (email)
);

CREATE TABLE ab_role (
    id INTEGER NOT NULL,
    name VARCHAR(64) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE ab_user (
    id INTEGER NOT NULL,
    first_name VARCHAR(64) NOT NULL,
    last_name VARCHAR(64) NOT NULL,
    username VARCHAR(128) NOT NULL,
    password VARCHAR(256),
    active BOOLEAN,
    email VARCHAR(320) NOT NULL,
    last_login DATETIME,
    login_count INTEGER,
    fail_login_count INTEGER,
    created_on DATETIME,
    changed_on DATETIME,
    created_by_fk INTEGER,
    changed_by_fk INTEGER,
    PRIMARY KEY (id),
    UNIQUE (username),
    UNIQUE (email),
    FOREIGN KEY(created_by_fk) REFERENCES ab_user (id),
    FOREIGN KEY(changed_by_fk) REFERENCES ab_user (id)
);

CREATE TABLE ab_view_menu (
    id INTEGER NOT NULL,
    name VARCHAR(250) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE core_account (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    name VARCHAR(40) NOT NULL,
    owner VARCHAR(20) NOT NULL,
    owner_id INTEGER NOT NULL,
    unit VARCHAR(20) NOT NULL,
    floor BIGINT,
    balance BIGINT,
    CONSTRAINT pk_core_account PRIMARY KEY (id),
    CONSTRAINT uq_core_account_ref UNIQUE (owner_id, owner, name, unit),
    CONSTRAINT ck_core_account_floor CHECK (balance >= floor),
    CONSTRAINT ck_core_account_floor_bounds CHECK (typeof(floor) in ('integer', 'null') and abs(floor) <= 1000000000000000),
    CONSTRAINT ck_core_account_balance_bounds CHECK (typeof(balance) in ('integer', 'null') and abs(balance) <= 1000000000000000)
);

create trigger core_account_no_update before update of id, mall_id, name, owner, owner_id, unit, floor on core_account begin select raise(abort, 'core_account is append-only'); end;

create trigger core_account_no_delete before delete on core_account begin select raise(abort, 'core_account is append-only'); end;

CREATE TABLE core_attempt (
    "key" VARCHAR(80) NOT NULL,
    since DATETIME NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_core_attempt PRIMARY KEY ("key")
);

CREATE TABLE core_audit (
    id INTEGER NOT NULL,
    mall_id INTEGER,
    store_id INTEGER,
    at DATETIME NOT NULL,
    actor VARCHAR(80) NOT NULL,
    address VARCHAR(60) NOT NULL,
    action VARCHAR(40) NOT NULL,
    record VARCHAR(60) NOT NULL,
    record_id VARCHAR(40) NOT NULL,
    "before" TEXT NOT NULL,
    "after" TEXT NOT NULL,
    reason VARCHAR(200) NOT NULL,
    CONSTRAINT pk_core_audit PRIMARY KEY (id)
);

CREATE INDEX ix_core_audit_at ON core_audit (at);

CREATE INDEX ix_core_audit_record ON core_audit (record, record_id);

create trigger core_audit_no_update before update on core_audit begin select raise(abort, 'core_audit is append-only'); end;

create trigger core_audit_no_delete before delete on core_audit begin select raise(abort, 'core_audit is append-only'); end;

CREATE TABLE core_checkpoint (
    block INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    root BLOB NOT NULL,
    chain BLOB NOT NULL,
    signature BLOB NOT NULL,
    key_id INTEGER NOT NULL,
    sealed_at DATETIME NOT NULL,
    CONSTRAINT pk_core_checkpoint PRIMARY KEY (block)
);

create trigger core_checkpoint_no_update before update on core_checkpoint begin select raise(abort, 'core_checkpoint is append-only'); end;

create trigger core_checkpoint_no_delete before delete on core_checkpoint begin select raise(abort, 'core_checkpoint is append-only'); end;

CREATE TABLE core_entry (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    store_id INTEGER,
    kind VARCHAR(40) NOT NULL,
    reference VARCHAR(120) NOT NULL,
    receipt_id INTEGER,
    reverses_id INTEGER,
    happened_at DATETIME NOT NULL,
    recorded_at DATETIME NOT NULL,
    business_date DATE NOT NULL,
    plugin VARCHAR(30) NOT NULL,
    rule VARCHAR(60) NOT NULL,
    reasons TEXT NOT NULL,
    CONSTRAINT pk_core_entry PRIMARY KEY (id),
    CONSTRAINT uq_core_entry_reference UNIQUE (reference, kind),
    CONSTRAINT uq_core_entry_reverses UNIQUE (reverses_id)
);

CREATE INDEX ix_core_entry_receipt ON core_entry (receipt_id);

create trigger core_entry_no_update before update on core_entry begin select raise(abort, 'core_entry is append-only'); end;

create trigger core_entry_no_delete before delete on core_entry begin select raise(abort, 'core_entry is append-only'); end;

CREATE TABLE core_hold (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    store_id INTEGER,
    account_id INTEGER NOT NULL,
    unit VARCHAR(20) NOT NULL,
    amount BIGINT NOT NULL,
    captured BIGINT NOT NULL,
    state VARCHAR(10) NOT NULL,
    reference VARCHAR(120) NOT NULL,
    entry_id INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    CONSTRAINT pk_core_hold PRIMARY KEY (id),
    CONSTRAINT ck_core_hold_state CHECK (state in ('held', 'captured', 'released', 'expired')),
    CONSTRAINT uq_core_hold_reference UNIQUE (reference),
    CONSTRAINT ck_core_hold_amount_bounds CHECK (typeof(amount) in ('integer', 'null') and abs(amount) <= 1000000000000000),
    CONSTRAINT ck_core_hold_captured_bounds CHECK (typeof(captured) in ('integer', 'null') and abs(captured) <= 1000000000000000)
);

CREATE INDEX ix_core_hold_open ON core_hold (state, expires_at);

CREATE TABLE core_job_run (
    job VARCHAR(60) NOT NULL,
    due_at DATETIME NOT NULL,
    started_at DATETIME NOT NULL,
    finished_at DATETIME,
    worker VARCHAR(60) NOT NULL,
    error TEXT NOT NULL,
    CONSTRAINT pk_core_job_run PRIMARY KEY (job, due_at)
);

CREATE TABLE core_mall (
    id INTEGER NOT NULL,
    code VARCHAR(20) NOT NULL,
    name VARCHAR(120) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    zone VARCHAR(60) NOT NULL,
    locale VARCHAR(5) NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_core_mall PRIMARY KEY (id),
    CONSTRAINT uq_core_mall_code UNIQUE (code)
);

CREATE TABLE core_outbox (
    id INTEGER NOT NULL,
    topic VARCHAR(40) NOT NULL,
    mall_id INTEGER NOT NULL,
    store_id INTEGER,
    subject_id INTEGER,
    payload TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    next_try_at DATETIME NOT NULL,
    tries INTEGER NOT NULL,
    claimed_by VARCHAR(60) NOT NULL,
    claimed_until DATETIME,
    done_at DATETIME,
    error TEXT NOT NULL,
    CONSTRAINT pk_core_outbox PRIMARY KEY (id)
);

CREATE INDEX ix_core_outbox_due ON core_outbox (done_at, next_try_at);

CREATE INDEX ix_core_outbox_rewards ON core_outbox (subject_id) WHERE topic = 'receipt.rewards';

CREATE TABLE core_outbox_done (
    outbox_id INTEGER NOT NULL,
    plugin VARCHAR(30) NOT NULL,
    CONSTRAINT pk_core_outbox_done PRIMARY KEY (outbox_id, plugin)
);

CREATE TABLE core_plugin_state (
    plugin VARCHAR(30) NOT NULL,
    tripped_at DATETIME,
    reason VARCHAR(400) NOT NULL,
    skip_offers BOOLEAN NOT NULL,
    CONSTRAINT pk_core_plugin_state PRIMARY KEY (plugin)
);

CREATE TABLE core_posting (
    entry_id INTEGER NOT NULL,
    no INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    unit VARCHAR(20) NOT NULL,
    amount BIGINT NOT NULL,
    CONSTRAINT pk_core_posting PRIMARY KEY (entry_id, no),
    CONSTRAINT ck_core_posting_amount_bounds CHECK (typeof(amount) in ('integer', 'null') and abs(amount) <= 1000000000000000)
);

CREATE INDEX ix_core_posting_account ON core_posting (account_id, entry_id);

create trigger core_posting_no_update before update on core_posting begin select raise(abort, 'core_posting is append-only'); end;

create trigger core_posting_no_delete before delete on core_posting begin select raise(abort, 'core_posting is append-only'); end;

CREATE TABLE core_receipt (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    till_id INTEGER NOT NULL,
    till_code VARCHAR(30) NOT NULL,
    number VARCHAR(60) NOT NULL,
    business_date DATE NOT NULL,
    kind VARCHAR(10) NOT NULL,
    happened_at DATETIME NOT NULL,
    recorded_at DATETIME NOT NULL,
    member_id INTEGER,
    currency VARCHAR(3) NOT NULL,
    total BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    change_given BIGINT NOT NULL,
    original_id INTEGER,
    return_no INTEGER,
    body_hash BLOB NOT NULL,
    answer TEXT NOT NULL,
    CONSTRAINT pk_core_receipt PRIMARY KEY (id),
    CONSTRAINT uq_core_receipt_key UNIQUE (till_id, number, business_date),
    CONSTRAINT uq_core_receipt_return UNIQUE (original_id, return_no),
    CONSTRAINT ck_core_receipt_kind CHECK (kind in ('sale', 'return', 'void')),
    CONSTRAINT ck_core_receipt_total_bounds CHECK (typeof(total) in ('integer', 'null') and abs(total) <= 1000000000000000),
    CONSTRAINT ck_core_receipt_tax_bounds CHECK (typeof(tax) in ('integer', 'null') and abs(tax) <= 1000000000000000),
    CONSTRAINT ck_core_receipt_change_given_bounds CHECK (typeof(change_given) in ('integer', 'null') and abs(change_given) <= 1000000000000000)
);

CREATE INDEX ix_core_receipt_day ON core_receipt (store_id, business_date);

CREATE INDEX ix_core_receipt_member ON core_receipt (member_id, store_id);

create trigger core_receipt_no_update before update on core_receipt begin select raise(abort, 'core_receipt is append-only'); end;

create trigger core_receipt_no_delete before delete on core_receipt begin select raise(abort, 'core_receipt is append-only'); end;

CREATE TABLE core_receipt_conflict (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    receipt_id INTEGER NOT NULL,
    till_code VARCHAR(30) NOT NULL,
    number VARCHAR(60) NOT NULL,
    business_date DATE NOT NULL,
    body_hash BLOB NOT NULL,
    body TEXT NOT NULL,
    arrived_at DATETIME NOT NULL,
    handled_at DATETIME,
    note VARCHAR(200) NOT NULL,
    CONSTRAINT pk_core_receipt_conflict PRIMARY KEY (id)
);

CREATE INDEX ix_core_receipt_conflict_store_id ON core_receipt_conflict (store_id);

CREATE TABLE core_receipt_line (
    receipt_id INTEGER NOT NULL,
    no INTEGER NOT NULL,
    sku VARCHAR(60) NOT NULL,
    name VARCHAR(200) NOT NULL,
    category VARCHAR(200) NOT NULL,
    qty VARCHAR(20) NOT NULL,
    unit_price BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    original_line INTEGER,
    CONSTRAINT pk_core_receipt_line PRIMARY KEY (receipt_id, no),
    CONSTRAINT ck_core_receipt_line_unit_price_bounds CHECK (typeof(unit_price) in ('integer', 'null') and abs(unit_price) <= 1000000000000000),
    CONSTRAINT ck_core_receipt_line_discount_bounds CHECK (typeof(discount) in ('integer', 'null') and abs(discount) <= 1000000000000000),
    CONSTRAINT ck_core_receipt_line_amount_bounds CHECK (typeof(amount) in ('integer', 'null') and abs(amount) <= 1000000000000000)
);

create trigger core_receipt_line_no_update before update on core_receipt_line begin select raise(abort, 'core_receipt_line is append-only'); end;

create trigger core_receipt_line_no_delete before delete on core_receipt_line begin select raise(abort, 'core_receipt_line is append-only'); end;

CREATE TABLE core_receipt_parked (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    till_id INTEGER NOT NULL,
    number VARCHAR(60) NOT NULL,
    business_date DATE NOT NULL,
    original_till VARCHAR(30) NOT NULL,
    original_number VARCHAR(60) NOT NULL,
    original_date DATE NOT NULL,
    uid BLOB NOT NULL,
    person_key BLOB,
    body_sealed BLOB,
    body_hash BLOB NOT NULL,
    answer TEXT NOT NULL,
    parked_at DATETIME NOT NULL,
    settled_at DATETIME,
    refusal VARCHAR(200) NOT NULL,
    CONSTRAINT pk_core_receipt_parked PRIMARY KEY (id),
    CONSTRAINT uq_core_receipt_parked_key UNIQUE (till_id, number, business_date),
    CONSTRAINT uq_core_receipt_parked_uid UNIQUE (uid)
);

CREATE INDEX ix_core_receipt_parked_waiting ON core_receipt_parked (id) WHERE settled_at is null and refusal = '';

CREATE TABLE core_receipt_tender (
    receipt_id INTEGER NOT NULL,
    no INTEGER NOT NULL,
    type VARCHAR(20) NOT NULL,
    amount BIGINT NOT NULL,
    points BIGINT,
    ref VARCHAR(120) NOT NULL,
    CONSTRAINT pk_core_receipt_tender PRIMARY KEY (receipt_id, no),
    CONSTRAINT ck_core_receipt_tender_amount_bounds CHECK (typeof(amount) in ('integer', 'null') and abs(amount) <= 1000000000000000),
    CONSTRAINT ck_core_receipt_tender_points_bounds CHECK (typeof(points) in ('integer', 'null') and abs(points) <= 1000000000000000)
);

create trigger core_receipt_tender_no_update before update on core_receipt_tender begin select raise(abort, 'core_receipt_tender is append-only'); end;

create trigger core_receipt_tender_no_delete before delete on core_receipt_tender begin select raise(abort, 'core_receipt_tender is append-only'); end;

CREATE TABLE core_rollup (
    account_id INTEGER NOT NULL,
    business_date DATE NOT NULL,
    mall_id INTEGER NOT NULL,
    unit VARCHAR(20) NOT NULL,
    amount BIGINT NOT NULL,
    entries INTEGER NOT NULL,
    CONSTRAINT pk_core_rollup PRIMARY KEY (account_id, business_date),
    CONSTRAINT ck_core_rollup_amount_bounds CHECK (typeof(amount) in ('integer', 'null') and abs(amount) <= 1000000000000000)
);

CREATE TABLE core_seal (
    seq INTEGER NOT NULL,
    kind VARCHAR(10) NOT NULL,
    record_id INTEGER NOT NULL,
    leaf BLOB NOT NULL,
    block INTEGER NOT NULL,
    CONSTRAINT pk_core_seal PRIMARY KEY (seq),
    CONSTRAINT uq_core_seal_record UNIQUE (kind, record_id)
);

CREATE INDEX ix_core_seal_block ON core_seal (block);

create trigger core_seal_no_update before update on core_seal begin select raise(abort, 'core_seal is append-only'); end;

create trigger core_seal_no_delete before delete on core_seal begin select raise(abort, 'core_seal is append-only'); end;

CREATE TABLE core_sequence (
    name VARCHAR(60) NOT NULL,
    next_value INTEGER NOT NULL,
    CONSTRAINT pk_core_sequence PRIMARY KEY (name),
    CONSTRAINT ck_core_sequence_53_bits CHECK (next_value < 9007199254740992)
);

CREATE TABLE core_session (
    id INTEGER NOT NULL,
    token_hash BLOB NOT NULL,
    user_id INTEGER,
    data VARCHAR NOT NULL,
    created_at DATETIME NOT NULL,
    touched_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    CONSTRAINT pk_core_session PRIMARY KEY (id),
    CONSTRAINT uq_core_session_token_hash UNIQUE (token_hash)
);

CREATE INDEX ix_core_session_expires ON core_session (expires_at);

CREATE TABLE core_stamp (
    name VARCHAR(40) NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_core_stamp PRIMARY KEY (name)
);

CREATE TABLE core_unsealed (
    kind VARCHAR(10) NOT NULL,
    id INTEGER NOT NULL,
    CONSTRAINT pk_core_unsealed PRIMARY KEY (kind, id)
);

CREATE TABLE ab_api_key (
    id INTEGER NOT NULL,
    uuid VARCHAR(36) NOT NULL,
    name VARCHAR(256) NOT NULL,
    key_hash VARCHAR(256) NOT NULL,
    lookup_hash VARCHAR(256),
    key_prefix VARCHAR(16) NOT NULL,
    user_id INTEGER NOT NULL,
    scopes TEXT,
    active BOOLEAN NOT NULL,
    created_on DATETIME,
    expires_on DATETIME,
    revoked_on DATETIME,
    last_used_on DATETIME,
    PRIMARY KEY (id),
    UNIQUE (uuid),
    UNIQUE (lookup_hash),
    FOREIGN KEY(user_id) REFERENCES ab_user (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX idx_api_key_lookup_hash ON ab_api_key (lookup_hash);

CREATE INDEX idx_api_key_prefix ON ab_api_key (key_prefix);

CREATE INDEX idx_api_key_user_id ON ab_api_key (user_id);

CREATE TABLE ab_group_role (
    id INTEGER NOT NULL,
    group_id INTEGER,
    role_id INTEGER,
    PRIMARY KEY (id),
    UNIQUE (group_id, role_id),
    FOREIGN KEY(group_id) REFERENCES ab_group (id) ON DELETE CASCADE,
    FOREIGN KEY(role_id) REFERENCES ab_role (id) ON DELETE CASCADE
);

CREATE INDEX idx_group_id ON ab_group_role (group_id);

CREATE INDEX idx_group_role_id ON ab_group_role (role_id);

CREATE TABLE ab_permission_view (
    id INTEGER NOT NULL,
    permission_id INTEGER NOT NULL,
    view_menu_id INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (permission_id, view_menu_id),
    FOREIGN KEY(permission_id) REFERENCES ab_permission (id),
    FOREIGN KEY(view_menu_id) REFERENCES ab_view_menu (id)
);

CREATE INDEX idx_permission_id ON ab_permission_view (permission_id);

CREATE INDEX idx_view_menu_id ON ab_permission_view (view_menu_id);

CREATE TABLE ab_user_group (
    id INTEGER NOT NULL,
    user_id INTEGER,
    group_id INTEGER,
    PRIMARY KEY (id),
    UNIQUE (user_id, group_id),
    FOREIGN KEY(user_id) REFERENCES ab_user (id) ON DELETE CASCADE,
    FOREIGN KEY(group_id) REFERENCES ab_group (id) ON DELETE CASCADE
);

CREATE INDEX idx_user_group_id ON ab_user_group (group_id);

CREATE INDEX idx_user_id ON ab_user_group (user_id);

CREATE TABLE ab_user_role (
    id INTEGER NOT NULL,
    user_id INTEGER,
    role_id INTEGER,
    PRIMARY KEY (id),
    UNIQUE (user_id, role_id),
    FOREIGN KEY(user_id) REFERENCES ab_user (id) ON DELETE CASCADE,
    FOREIGN KEY(role_id) REFERENCES ab_role (id) ON DELETE CASCADE
);

CREATE TABLE core_category (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    parent_id INTEGER,
    code VARCHAR(200) NOT NULL,
    name VARCHAR(120) NOT NULL,
    path VARCHAR(200) NOT NULL,
    CONSTRAINT pk_core_category PRIMARY KEY (id),
    CONSTRAINT uq_core_category_code UNIQUE (mall_id, code),
    CONSTRAINT fk_core_category_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_core_category_parent_id FOREIGN KEY(parent_id) REFERENCES core_category (id)
);

CREATE INDEX ix_core_category_path ON core_category (path);

CREATE TABLE core_plugin_switch (
    id INTEGER NOT NULL,
    plugin VARCHAR(30) NOT NULL,
    mall_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    is_on BOOLEAN NOT NULL,
    changed_by VARCHAR(80) NOT NULL,
    changed_at DATETIME NOT NULL,
    CONSTRAINT pk_core_plugin_switch PRIMARY KEY (id),
    CONSTRAINT uq_core_plugin_switch UNIQUE (plugin, mall_id, store_id),
    CONSTRAINT fk_core_plugin_switch_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id)
);

CREATE TABLE core_product (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    sku VARCHAR(60) NOT NULL,
    name VARCHAR(200) NOT NULL,
    brand VARCHAR(80) NOT NULL,
    origin VARCHAR(80) NOT NULL,
    price BIGINT NOT NULL,
    on_shelf BOOLEAN NOT NULL,
    after_sales VARCHAR(400) NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_core_product PRIMARY KEY (id),
    CONSTRAINT uq_core_product_sku UNIQUE (mall_id, sku),
    CONSTRAINT fk_core_product_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT ck_core_product_price_bounds CHECK (typeof(price) in ('integer', 'null') and abs(price) <= 1000000000000000)
);

CREATE TABLE core_reach (
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    CONSTRAINT pk_core_reach PRIMARY KEY (id),
    CONSTRAINT uq_core_reach UNIQUE (user_id, mall_id, store_id),
    CONSTRAINT fk_core_reach_user_id FOREIGN KEY(user_id) REFERENCES ab_user (id),
    CONSTRAINT fk_core_reach_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id)
);

CREATE TABLE core_setting (
    id INTEGER NOT NULL,
    plugin VARCHAR(30) NOT NULL,
    name VARCHAR(60) NOT NULL,
    mall_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_core_setting PRIMARY KEY (id),
    CONSTRAINT uq_core_setting UNIQUE (plugin, name, mall_id, store_id),
    CONSTRAINT fk_core_setting_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id)
);

CREATE TABLE core_store (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    code VARCHAR(20) NOT NULL,
    name VARCHAR(120) NOT NULL,
    kind VARCHAR(10) NOT NULL,
    trade VARCHAR(40) NOT NULL,
    floor VARCHAR(10) NOT NULL,
    unit VARCHAR(20) NOT NULL,
    address VARCHAR(200) NOT NULL,
    manager VARCHAR(60) NOT NULL,
    phone VARCHAR(30) NOT NULL,
    cooperation VARCHAR(30) NOT NULL,
    settlement VARCHAR(30) NOT NULL,
    state VARCHAR(10) NOT NULL,
    opened_on DATE,
    closed_on DATE,
    CONSTRAINT pk_core_store PRIMARY KEY (id),
    CONSTRAINT uq_core_store_code UNIQUE (mall_id, code),
    CONSTRAINT ck_core_store_kind CHECK (kind in ('direct', 'partner')),
    CONSTRAINT ck_core_store_state CHECK (state in ('open', 'closed')),
    CONSTRAINT fk_core_store_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id)
);

CREATE TABLE ab_permission_view_role (
    id INTEGER NOT NULL,
    permission_view_id INTEGER,
    role_id INTEGER,
    PRIMARY KEY (id),
    UNIQUE (permission_view_id, role_id),
    FOREIGN KEY(permission_view_id) REFERENCES ab_permission_view (id) ON DELETE CASCADE,
    FOREIGN KEY(role_id) REFERENCES ab_role (id) ON DELETE CASCADE
);

CREATE INDEX idx_permission_view_id ON ab_permission_view_role (permission_view_id);

CREATE INDEX idx_role_id ON ab_permission_view_role (role_id);

CREATE TABLE core_barcode (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    product_id INTEGER NOT NULL,
    code VARCHAR(60) NOT NULL,
    CONSTRAINT pk_core_barcode PRIMARY KEY (id),
    CONSTRAINT uq_core_barcode_code UNIQUE (mall_id, code),
    CONSTRAINT fk_core_barcode_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_core_barcode_product_id FOREIGN KEY(product_id) REFERENCES core_product (id)
);

CREATE INDEX ix_core_barcode_product_id ON core_barcode (product_id);

CREATE TABLE core_member (
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    mall_id INTEGER NOT NULL,
    home_store_id INTEGER,
    person_key BLOB,
    name VARCHAR(80) NOT NULL,
    phone_sealed BLOB,
    phone_index BLOB,
    phone_tail BLOB,
    phone_masked VARCHAR(20) NOT NULL,
    email_sealed BLOB,
    address_sealed BLOB,
    gender VARCHAR(1) NOT NULL,
    birthday DATE,
    status VARCHAR(10) NOT NULL,
    source VARCHAR(20) NOT NULL,
    consent_sms BOOLEAN NOT NULL,
    consent_email BOOLEAN NOT NULL,
    consent_phone BOOLEAN NOT NULL,
    joined_on DATE NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_core_member PRIMARY KEY (id),
    CONSTRAINT uq_core_member_uid UNIQUE (uid),
    CONSTRAINT uq_core_member_phone UNIQUE (phone_index, mall_id),
    CONSTRAINT ck_core_member_status CHECK (status in ('active', 'frozen', 'closing', 'closed')),
    CONSTRAINT fk_core_member_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_core_member_home_store_id FOREIGN KEY(home_store_id) REFERENCES core_store (id)
);

CREATE INDEX ix_core_member_home ON core_member (home_store_id);

CREATE INDEX ix_core_member_name ON core_member (name, mall_id);

CREATE INDEX ix_core_member_tail ON core_member (phone_tail);

CREATE TABLE core_product_category (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    product_id INTEGER NOT NULL,
    category_id INTEGER NOT NULL,
    CONSTRAINT pk_core_product_category PRIMARY KEY (id),
    CONSTRAINT uq_core_product_category UNIQUE (product_id, category_id),
    CONSTRAINT fk_core_product_category_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_core_product_category_product_id FOREIGN KEY(product_id) REFERENCES core_product (id),
    CONSTRAINT fk_core_product_category_category_id FOREIGN KEY(category_id) REFERENCES core_category (id)
);

CREATE INDEX ix_core_product_category_category_id ON core_product_category (category_id);

CREATE TABLE core_till (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    code VARCHAR(30) NOT NULL,
    model VARCHAR(60) NOT NULL,
    state VARCHAR(10) NOT NULL,
    token_hash BLOB,
    token_tail VARCHAR(8) NOT NULL,
    max_future_hours INTEGER NOT NULL,
    max_past_days INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    revoked_at DATETIME,
    last_seen_at DATETIME,
    clock_seconds INTEGER,
    version VARCHAR(40) NOT NULL,
    queue_length INTEGER,
    CONSTRAINT pk_core_till PRIMARY KEY (id),
    CONSTRAINT uq_core_till_code UNIQUE (store_id, code),
    CONSTRAINT uq_core_till_token UNIQUE (token_hash),
    CONSTRAINT ck_core_till_state CHECK (state in ('active', 'revoked', 'imported')),
    CONSTRAINT fk_core_till_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_core_till_store_id FOREIGN KEY(store_id) REFERENCES core_store (id)
);

CREATE INDEX ix_core_till_store_id ON core_till (store_id);

CREATE TABLE core_card (
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    mall_id INTEGER NOT NULL,
    member_id INTEGER,
    person_key BLOB,
    number_sealed BLOB NOT NULL,
    number_index BLOB NOT NULL,
    number_tail BLOB NOT NULL,
    number_masked VARCHAR(30) NOT NULL,
    form VARCHAR(12) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    state VARCHAR(12) NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_core_card PRIMARY KEY (id),
    CONSTRAINT uq_core_card_uid UNIQUE (uid),
    CONSTRAINT uq_core_card_number UNIQUE (number_index, mall_id),
    CONSTRAINT ck_core_card_state CHECK (state in ('made', 'in_stock', 'handed_out', 'active', 'lost', 'replaced', 'expired')),
    CONSTRAINT fk_core_card_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_core_card_member_id FOREIGN KEY(member_id) REFERENCES core_member (id)
);

CREATE INDEX ix_core_card_member ON core_card (member_id);

CREATE INDEX ix_core_card_tail ON core_card (number_tail);
